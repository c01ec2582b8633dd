using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

if (args is ["training", ..])
{
    Pantheon.Benchmarks.Training.NetworkRate.Run(Console.Out, Environment.ProcessorCount);
    foreach (var log in args[1..])
    {
        Pantheon.Benchmarks.Training.TrainingShare.Run(Console.Out, log);
    }

    return;
}

if (args is ["seeds", ..])
{
    Pantheon.Benchmarks.Promotion.SeedDifference.Run(Console.Out, args[1]);
    return;
}

if (args is ["promoter", ..])
{
    Pantheon.Benchmarks.Promotion.PromoterMeasurement.Run(Console.Out, args.Length > 1 ? double.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1);
    return;
}

// In this process: replaced packages (eng/setup.sh) would not survive the project that BenchmarkDotNet writes.
var config = ManualConfig.CreateEmpty()
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(20).WithGcServer(true))
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddColumn(StatisticColumn.P95)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .AddLogger(ConsoleLogger.Default)
    .WithOptions(ConfigOptions.DisableOptimizationsValidator);
BenchmarkSwitcher.FromAssembly(typeof(Pantheon.Benchmarks.RequestBenchmarks).Assembly).Run(args, config);
