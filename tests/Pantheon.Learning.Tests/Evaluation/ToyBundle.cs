using System.Text;
using Pantheon.Bundles;
using Pantheon.Learning.Tests.Data;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Learning.Tests.Evaluation;

/// <summary>Bundles of a few nodes over KuaiRand's features, whose scores a test can work out.</summary>
internal static class ToyBundle
{
    public static readonly InputSpec User = Ids("user_id", FeatureSide.User, [1]);
    public static readonly InputSpec Video = Ids("video_id", FeatureSide.Candidate, [null]);
    public static readonly InputSpec Hour = Ids("hour", FeatureSide.User, [1]);

    public static InputSpec Ids(string name, FeatureSide side, IReadOnlyList<long?> shape) =>
        new() { Name = name, Type = ElementType.Int64, Side = side, Shape = shape };

    public static InputSpec With(this InputSpec input, VocabularyKind kind, long unknownRow = 0) =>
        input with { Vocabulary = new VocabularySpec { File = $"vocabularies/{input.Name}.tsv", Kind = kind, UnknownRow = unknownRow } };

    /// <param name="score">From the inputs, in order, to the score [n].</param>
    /// <param name="vocabularies">Raw ids and rows by input.</param>
    public static Bundle Publish(
        TestFolder folder, IReadOnlyList<InputSpec> inputs, string[] objectives, Func<Tensor[], Tensor> score, IReadOnlyDictionary<string, string[]>? vocabularies = null)
    {
        var graph = new GraphBuilder();
        var tensors = inputs.Select(input => graph.Input(
            input.Name, input.Type == ElementType.Int64 ? OnnxElementType.Int64 : OnnxElementType.Float,
            [.. input.Shape.Select(size => size is { } known ? (Dimension)known : "candidates")])).ToArray();
        var scored = graph.Output("score", score(tensors));
        if (objectives.Length > 0)
        {
            graph.Output("pxtr", graph.Concat(1, [.. objectives.Select((_, objective) => (scored * (0.001f * (objective + 1))).Sigmoid().Unsqueeze(1))]));
        }

        var model = graph.Build();
        var manifest = new Manifest
        {
            Model = "toy",
            Version = Manifest.NextVersion,
            Inputs = inputs,
            Outputs =
            [
                new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null] },
                .. objectives.Length == 0 ? [] : (OutputSpec[])[new OutputSpec { Name = "pxtr", Role = OutputRole.Pxtr, Shape = [null, objectives.Length] }],
            ],
            Objectives = objectives,
            Lineage = new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "a test" },
        };
        BundleSource[] sources =
        [
            new(Bundle.ModelFile, model.Save),
            .. (vocabularies ?? new Dictionary<string, string[]>()).Select(pair => new BundleSource(
                $"vocabularies/{pair.Key}.tsv", stream => stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', pair.Value.Prepend("raw\trow")) + "\n")))),
        ];
        return BundlePublisher.Publish(Path.Combine(folder.Path, "models"), manifest, sources, _ => { });
    }
}
