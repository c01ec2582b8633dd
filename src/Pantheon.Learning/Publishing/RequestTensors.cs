using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Publishing;

/// <summary>A request made of logged exposures as a graph takes it: rows, not raw ids.</summary>
internal static class RequestTensors
{
    /// <summary>The inputs, the user's from one exposure and each candidate's from its own.</summary>
    /// <param name="data">Has a feature for every input.</param>
    /// <param name="inputs">As the manifest has them; a user input with the candidate dimension is repeated.</param>
    public static Dictionary<string, GoldenTensor> Of(IExamples data, DemoRequest request, IReadOnlyList<InputSpec> inputs)
    {
        var rows = request.Candidates.ToArray();
        var candidates = new FeatureBatch(data.Schema, rows.Length);
        data.Fill(rows, candidates);
        var (user, repeated) = (new FeatureBatch(data.Schema, 1), new FeatureBatch(data.Schema, rows.Length));
        data.Fill([request.User], user);
        Array.Fill(rows, request.User);
        data.Fill(rows, repeated);
        var given = new Dictionary<string, GoldenTensor>(StringComparer.Ordinal);
        foreach (var input in inputs)
        {
            var index = Enumerable.Range(0, data.Schema.Features.Count).First(feature => data.Schema.Features[feature].Name == input.Name);
            var source = input.Side == FeatureSide.Candidate ? candidates : input.Tiled ? repeated : user;
            long[] shape = [.. input.Shape.Select(size => size ?? rows.Length)];
            given[input.Name] = input.Type == ElementType.Int64
                ? new GoldenTensor { Shape = shape, Int64s = [.. source.Ids(index)] }
                : new GoldenTensor { Shape = shape, Floats = [.. source.Numbers(index)] };
        }

        return given;
    }

    /// <summary>The same for a trial of the graph.</summary>
    public static Dictionary<string, TensorValue> ToValues(this IReadOnlyDictionary<string, GoldenTensor> tensors) => tensors.ToDictionary(
        pair => pair.Key,
        pair => pair.Value.Floats is { } floats ? TensorValue.Of(floats, pair.Value.Shape) : TensorValue.Of(pair.Value.Int64s!, pair.Value.Shape),
        StringComparer.Ordinal);

    /// <summary>What a trial gave, for a golden request.</summary>
    public static GoldenTensor ToGolden(this TensorValue value) => new() { Shape = value.Shape, Floats = value.Floats, Int64s = value.Int64s };
}
