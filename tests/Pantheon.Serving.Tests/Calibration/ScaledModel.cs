using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Calibration;

/// <summary>Versions of one model on scales of their own: score = shift + slope (weight click + (1 - weight) long_view).</summary>
internal static class ScaledModel
{
    public const string Name = "scaled";

    public static void Publish(string repository, long version, float weight, float slope, float shift, CalibrationSpec? calibration = null)
    {
        var graph = new GraphBuilder();
        var (click, view) = (graph.Input("click", OnnxElementType.Float, "n"), graph.Input("long_view", OnnxElementType.Float, "n"));
        graph.Output("score", (((click * weight) + (view * (1 - weight))) * slope) + shift);
        InputSpec Input(string name) => new() { Name = name, Type = ElementType.Float, Side = Bundles.FeatureSide.Candidate, Shape = [null] };
        BundlePublisher.Publish(
            repository,
            new Manifest
            {
                Model = Name,
                Version = version,
                Inputs = [Input("click"), Input("long_view")],
                Outputs = [new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null] }],
                Objectives = [],
                Calibration = calibration,
                Lineage = new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "test" },
            },
            [new BundleSource(Bundle.ModelFile, graph.Build().Save)],
            static _ => { });
    }

    public static RankRequest Request(string user, float[] click, float[] view, string scenario = "", long version = 0, int top = 0) => new()
    {
        Model = Name,
        Version = version,
        UserKey = user,
        Scenario = scenario,
        CandidateFeatures = { DemoModel.Feature("click", click, ValueForm.Data), DemoModel.Feature("long_view", view, ValueForm.Data) },
        TopK = top,
        Output = new OutputOptions { All = top == 0, RawScores = true },
    };
}
