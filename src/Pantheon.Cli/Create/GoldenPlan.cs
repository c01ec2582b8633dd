using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Cli.Create;

/// <summary>The golden requests of a new bundle, and who computed their outputs.</summary>
internal sealed record GoldenPlan(IReadOnlyList<GoldenRequest> Requests, string Provenance)
{
    // A shelf, a screenful and the size that a ranking stage usually gets; the vector loops of a kernel end differently at each.
    private static readonly int[] Sizes = [7, 64, 300];

    /// <summary>Requests that the user brings, with the outputs of the framework that trained the graph.</summary>
    public static GoldenPlan Imported(string path, IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs) => new(
        GoldenFile.Import(path, inputs, outputs),
        $"{Path.GetFileName(path)}, as given");

    /// <summary>Requests made here, from valid values, with the outputs that this machine computes.</summary>
    public static GoldenPlan SelfMade(
        GraphTrial trial, IReadOnlyList<DraftInput> inputs, GraphBehaviour behaviour, IReadOnlyList<string> outputs) => new(
        [.. Sizes.Select(candidates => Make(trial, SampleRequest.Draw(inputs, candidates, seed: candidates).Tensors(behaviour.Tiled), outputs, candidates))],
        "self-made by ONNX Runtime on random valid inputs: proves that results are reproduced, not that they are those of the framework that exported the graph");

    private static GoldenRequest Make(
        GraphTrial trial, Dictionary<string, TensorValue> inputs, IReadOnlyList<string> outputs, int candidates)
    {
        var values = trial.Run(inputs, outputs);
        for (var i = 0; i < outputs.Count; i++)
        {
            if (values[i].Floats!.Any(value => !float.IsFinite(value)))
            {
                throw new CommandFailure(
                    $"output '{outputs[i]}' is not finite on random valid inputs, so no golden requests can be made here: bring some with --golden");
            }
        }

        return new GoldenRequest
        {
            Candidates = candidates,
            Inputs = inputs.ToDictionary(pair => pair.Key, pair => Golden(pair.Value), StringComparer.Ordinal),
            Outputs = outputs.Zip(values).ToDictionary(pair => pair.First, pair => Golden(pair.Second), StringComparer.Ordinal),
        };
    }

    private static GoldenTensor Golden(TensorValue value) =>
        new() { Shape = value.Shape, Floats = value.Floats, Int64s = value.Int64s };
}
