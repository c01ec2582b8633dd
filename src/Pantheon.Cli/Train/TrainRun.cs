using System.Globalization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Train;

/// <summary>`pantheon train`: log to features, features to parameters, parameters to a bundle, with a report of how good it is.</summary>
internal static class TrainRun
{
    // Validations and checkpoints during a training, and the rows of a validation: a look, not a measurement.
    private const int Looks = 8;
    private const int LookRows = 50_000;

    public static int Run(TrainRequest request, Terminal terminal, CancellationToken cancellation)
    {
        var config = request.Config is { } file ? TrainingConfig.Read(file, frozen: request.Ranking is not null) : new TrainingConfig();
        var ranking = request.Ranking is { } named ? RankingFile.BundleOf(named, request, terminal, cancellation) : null;
        using var progress = terminal.Progress();
        using var given = ranking is { } path ? GivenRanking.Open(path, request, config, progress, cancellation) : null;
        var data = given?.Log.Data ?? LogData.Load(request.Data, config.Features, progress, cancellation);
        var priors = ObjectiveRates.Of(data, data.Train);
        var judged = data.Test.Count > 0 ? data.Test : data.Train;
        // First of all: a score that is not finite is not to be found out after the training.
        var before = given?.Log.Score(judged, "scoring with the ranking model's own graph", cancellation).Score;
        using var trainer = new Trainer(data.Schema, config.Model, priors, config.Training, given?.Model);
        var checkpoint = new Checkpoint(request.Out, config.ToJson(), given is null ? data.Report.Sha256 : $"{data.Report.Sha256}\n{given.Identity}");
        if (request.Resume)
        {
            checkpoint.Load(trainer);
            progress.Say($"resuming at step {trainer.Steps}");
        }

        using var scorer = new Scorer(data.Schema, config.Model, priors, trainer.Parameters, Environment.ProcessorCount, given?.Model);
        var curve = Train(data, config, trainer, scorer, checkpoint, progress, cancellation);
        progress.Say($"trained {data.Train.Count:N0} exposures {config.Training.Epochs} times; scoring the test days");
        var predictions = scorer.Score(data, judged, cancellation);
        var report = TrainReport.Make(request, config, data, priors, judged, predictions, curve, given, before);
        ReportWriter.Write(report, request.Out);
        var on = given is null ? "" : $"on the ranking model of {given.Name} ({given.Log.Bundle.Digest}) ";
        var bundle = TrainedBundle.Publish(
            request.Repository, request.Model, data, config.Model, priors, trainer.Parameters, predictions.Scores[0], judged,
            $"trained {on}on {request.Data}, data sha256 {data.Report.Sha256}, seed {config.Training.Seed}", given, before, cancellation);
        TrainReport.Print(terminal, report, request, bundle);
        return 0;
    }

    private static List<LearningPoint> Train(
        Dataset data, TrainingConfig config, Trainer trainer, Scorer scorer, Checkpoint checkpoint, ProgressLine progress, CancellationToken cancellation)
    {
        var loop = new TrainingLoop(data, data.Train, trainer, config.Training);
        var look = data.Validate.Count > 0 ? data.Validate : data.Test;
        look = new RowRange(look.Start, Math.Min(look.End, look.Start + LookRows));
        var exposures = look.Count > 0 ? new ScoredExposures(data, look) : null;
        var every = Math.Max(1, loop.Steps / Looks);
        var curve = new List<LearningPoint>();
        try
        {
            loop.Run(
                state =>
                {
                    progress.Show("training", (double)state.Step / state.Steps, Describe(state));
                    if (state.Step % every != 0 && state.Step != state.Steps)
                    {
                        return;
                    }

                    checkpoint.Save(trainer);
                    if (exposures is not null)
                    {
                        var predictions = scorer.Score(data, look, cancellation);
                        var point = new LearningPoint(state.Step, [.. state.Losses], Gauc.ComputeEach(predictions.Pxtrs, exposures.Labels).Mean, Gauc.Compute(predictions.Scores[0], exposures.Labels).Mean);
                        curve.Add(point);
                        progress.Say($"step {state.Step}/{state.Steps}: {Describe(state)}; GAUC of the next days: Pxtrs {100 * point.Ranking:0.00} %, fused {100 * point.Fused:0.00} %");
                    }
                },
                cancellation);
        }
        catch (OperationCanceledException)
        {
            checkpoint.Save(trainer);
            throw new CommandFailure($"stopped at step {trainer.Steps}; --resume goes on from there");
        }

        return curve;
    }

    private static string Describe(TrainingProgress state) => string.Create(
        CultureInfo.InvariantCulture, $"{state.Rows / state.Seconds:N0} samples/s, loss {string.Join(" + ", state.Losses.Select(loss => loss.ToString("0.0000", CultureInfo.InvariantCulture)))}");
}

/// <summary>One look during a training.</summary>
/// <param name="Losses">Running means: ranking model, then each head.</param>
/// <param name="Ranking">Mean GAUC of the Pxtrs, each on its own objective.</param>
/// <param name="Fused">Mean GAUC of the first head's score.</param>
internal sealed record LearningPoint(long Step, double[] Losses, double Ranking, double Fused);
