using System.Globalization;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Cli.Create;

/// <summary>`bundle create`: holds what was said against the graph, runs it, publishes it and says what was found.</summary>
internal static class BundleCreation
{
    public static int Run(CreateRequest request, Terminal terminal, CancellationToken cancellation)
    {
        using var graph = GraphFile.Open(request);
        var outputs = OutputPlan.Names(graph.Model, request);
        var inputs = InputPlan.Of(graph.Model, request);
        var calibration = CalibrationPlan.Of(request);
        using var trial = terminal.Step("loading the graph", () => GraphTrial.Load(graph.Path));
        var behaviour = terminal.Step("running the graph to find its shapes", () => GraphBehaviour.Find(trial, inputs, outputs));
        IReadOnlyList<InputSpec> inputSpecs =
            [.. inputs.Select(input => input.ToSpec(input.Side == FeatureSide.Candidate || behaviour.Tiled.Contains(input.Name)))];
        var outputSpecs = OutputPlan.Specs(request, behaviour.OutputShapes);
        var goldens = request.Golden is { } file
            ? GoldenPlan.Imported(file, inputSpecs, outputSpecs)
            : terminal.Step("making golden requests", () => GoldenPlan.SelfMade(trial, inputs, behaviour, outputs));
        var draft = new Manifest
        {
            Model = request.Model,
            Version = request.Version ?? Manifest.NextVersion,
            Inputs = inputSpecs,
            Outputs = outputSpecs,
            Objectives = request.Objectives,
            Calibration = calibration.Spec,
            NonFiniteScores = request.NonFiniteScores,
            Lineage = new Lineage
            {
                CreatedAt = Now(),
                CreatedBy = Tool,
                Source = graph.Source,
                Producer = graph.Model.Producer is { Length: > 0 } producer ? producer : null,
                Opset = graph.Model.OpsetVersion,
                Formula = request.Formula,
                GoldenProvenance = goldens.Provenance,
                Attribution = request.Attribution,
                License = request.License,
            },
        };
        BundleSource[] sources =
        [
            .. graph.Sources(),
            BundleSource.FromGoldens(goldens.Requests),
            .. inputs.Where(input => input.RawIds is not null).Select(input => BundleSource.FromTable(input.RawIds!.Spec.File, input.RawIds.Path)),
        ];
        BundleCheck? check = null;
        var bundle = terminal.Step("publishing: copying, checking golden requests, warming up", () =>
            BundlePublisher.Publish(request.Repository, draft, sources, staged => check = Check(staged, cancellation)));
        BundleReport.Print(terminal, check! with { Bundle = bundle }, calibration.Note is { } note ? [note] : []);
        return 0;
    }

    /// <summary>This tool and its version.</summary>
    public static string Tool { get; } = $"pantheon {typeof(BundleCreation).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Checks a bundle that is still aside.</summary>
    /// <exception cref="CommandFailure">Refused, with the reason.</exception>
    public static BundleCheck Check(Bundle staged, CancellationToken cancellation)
    {
        try
        {
            return BundleCheck.Run(staged, cancellation);
        }
        catch (BundleException refusal)
        {
            // The folder that it is staged in means nothing to anybody and is gone by now.
            var reason = refusal.Message
                .Replace($"{staged.Directory}{Path.DirectorySeparatorChar}", "", StringComparison.Ordinal)
                .Replace($"{staged.Directory}: ", "", StringComparison.Ordinal);
            throw new CommandFailure($"not published: {reason}");
        }
    }

    // The convention of reproducible builds: the same inputs then make the same digest.
    public static DateTimeOffset Now() =>
        long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : TimeProvider.System.GetUtcNow();
}
