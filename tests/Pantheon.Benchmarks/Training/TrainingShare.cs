using System.Globalization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Training;

namespace Pantheon.Benchmarks.Training;

/// <summary>How many samples a second the default configuration trains on a log, and where the time goes.</summary>
internal static class TrainingShare
{
    public static void Run(TextWriter output, string path)
    {
        var data = Dataset.Load(path);
        var config = new TrainingConfig { Training = new TrainingOptions { Epochs = 1 } };
        using var trainer = new Trainer(data.Schema, config.Model, ObjectiveRates.Of(data, data.Train), config.Training);
        var loop = new TrainingLoop(data, data.Train, trainer, config.Training);
        var before = GC.GetAllocatedBytesForCurrentThread();
        loop.Run();
        var garbage = GC.GetAllocatedBytesForCurrentThread() - before;
        var times = loop.Times;
        var total = times.Loader + times.Graph + times.Optimizer;
        output.WriteLine($"## The default configuration on {Path.GetFileName(Path.TrimEndingDirectorySeparator(path))}, one pass");
        output.WriteLine();
        output.WriteLine("| what | |");
        output.WriteLine("| --- | ---: |");
        Line("samples", $"{data.Train.Count:N0}");
        Line("parameters", $"{trainer.Parameters.Count:N0}");
        Line("samples a second", $"{data.Train.Count / total.TotalSeconds:N0}");
        Line("share of the time in the graph", $"{times.Graph / total:P1}");
        Line("in the optimizers", $"{times.Optimizer / total:P1}");
        Line("in the loader", $"{times.Loader / total:P1}");
        Line("bytes allocated a step, by the thread that trains", $"{garbage / trainer.Steps:N0}");
        output.WriteLine();

        void Line(string what, FormattableString value) => output.WriteLine($"| {what} | {value.ToString(CultureInfo.InvariantCulture)} |");
    }
}
