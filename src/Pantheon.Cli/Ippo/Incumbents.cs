using Pantheon.Bundles;
using Pantheon.Cli.Evaluate;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Ippo;

/// <summary>Makes the first base of what the command line names. What it holds on to lives as long as the command.</summary>
internal sealed class Incumbents : IDisposable
{
    public const string Product = "product";
    public const string LogLinear = "log-linear";

    private readonly List<IDisposable> _held = [];

    /// <exception cref="CommandFailure">The name is neither a formula nor a directory, or the options do not go together.</exception>
    public Incumbent Make(IppoRequest request, Dataset data, TrainingConfig config, ProgressLine progress, CancellationToken cancellation)
    {
        Func<IReadOnlyList<float[]>, float[]>? formula = request.Incumbent switch
        {
            Product => SimpleFusions.Product,
            LogLinear => SimpleFusions.LogLinear,
            _ => null,
        };
        if (formula is null)
        {
            return request.IncumbentDays is null
                ? OfBundle(request, data, config, progress, cancellation)
                : throw CommandFailure.OfUsage("--incumbent-days: came with a bundle, expected a formula with it: a bundle is as old as it is");
        }

        return request.IncumbentDays is { } days
            ? Stale(request.Incumbent, formula, days, data, config, progress, cancellation)
            : new Incumbent($"{request.Incumbent} formula over the stream's ranking model", (_, current) => formula(current.Pxtrs));
    }

    public void Dispose() => _held.ForEach(held => held.Dispose());

    private Incumbent Stale(
        string name, Func<IReadOnlyList<float[]>, float[]> formula, int days, Dataset data, TrainingConfig config, ProgressLine progress, CancellationToken cancellation)
    {
        var range = data.Rows(0, ChinaTime.StartOf(ChinaTime.DayOf(data.TimeMs[data.Train.Start]).AddDays(days)));
        range = new RowRange(data.Train.Start, Math.Min(range.End, data.Train.End));
        var priors = ObjectiveRates.Of(data, range);
        var ranking = config.Model with { Heads = [] };
        using var trainer = new Trainer(data.Schema, ranking, priors, config.Training);
        new TrainingLoop(data, range, trainer, config.Training).Run(
            state => progress.Show("training the incumbent", (double)state.Step / state.Steps), cancellation);
        var scorer = new Scorer(data.Schema, ranking, priors, trainer.Parameters, Environment.ProcessorCount);
        _held.Add(scorer);
        return new Incumbent(
            $"{name} formula over a ranking model of the first {days} days", (rows, _) => formula(scorer.Score(data, rows, cancellation).Pxtrs));
    }

    private Incumbent OfBundle(IppoRequest request, Dataset data, TrainingConfig config, ProgressLine progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(request.Incumbent))
        {
            throw CommandFailure.OfUsage($"--incumbent: '{request.Incumbent}' came, expected {Product}, {LogLinear} or the directory of a bundle");
        }

        var log = BundleLog.Open(BundleFolder.Open(request.Incumbent), request.Data, config.Features, [], progress, cancellation);
        _held.Add(log);
        if (!log.Data.UserIndex.SequenceEqual(data.UserIndex))
        {
            throw new CommandFailure($"{request.Incumbent}: the log has {log.Data.Count} exposures for the bundle and {data.Count} for the configuration, expected the same ones");
        }

        return new Incumbent(
            $"{log.Bundle.Manifest.Model} version {log.Bundle.Manifest.Version}", (rows, _) => log.Score(rows, "scoring the incumbent", cancellation).Score);
    }
}
