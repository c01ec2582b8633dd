using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Cli.Create;

/// <summary>One seeded request of values that are surely valid: the same user whether it is given once or once per candidate.</summary>
internal sealed class SampleRequest
{
    private readonly int _candidates;
    private readonly Dictionary<string, (DraftInput Input, Array Row)> _values = new(StringComparer.Ordinal);

    private SampleRequest(int candidates) => _candidates = candidates;

    public static SampleRequest Draw(IReadOnlyList<DraftInput> inputs, int candidates, int seed)
    {
        var random = new Random(seed);
        var request = new SampleRequest(candidates);
        foreach (var input in inputs)
        {
            var width = checked((int)input.Tensor.Shape!.Aggregate(1L, (product, dimension) => product * (dimension.Value ?? 1)));
            var count = input.Side == FeatureSide.Candidate ? checked(width * candidates) : width;
            Array row = input.Type == ElementType.Float ? Floats(random, count) : Ids(random, input, count);
            request._values.Add(input.Name, (input, row));
        }

        return request;
    }

    /// <summary>The request as the graph takes it.</summary>
    /// <param name="tiled">User inputs that are repeated for every candidate.</param>
    public Dictionary<string, TensorValue> Tensors(IReadOnlySet<string> tiled) => _values.ToDictionary(
        pair => pair.Key,
        pair => Tensor(pair.Value.Input, pair.Value.Row, tiled.Contains(pair.Key)),
        StringComparer.Ordinal);

    private TensorValue Tensor(DraftInput input, Array row, bool tiled)
    {
        var rows = tiled || input.Side == FeatureSide.Candidate ? _candidates : 1;
        long[] shape = [.. input.Tensor.Shape!.Select(dimension => dimension.Value ?? rows)];
        return row is float[] floats
            ? TensorValue.Of(tiled ? Repeat(floats) : floats, shape)
            : TensorValue.Of(tiled ? Repeat((long[])row) : (long[])row, shape);
    }

    private T[] Repeat<T>(T[] row)
    {
        var all = new T[row.Length * _candidates];
        for (var i = 0; i < _candidates; i++)
        {
            row.CopyTo(all, i * row.Length);
        }

        return all;
    }

    private static float[] Floats(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.NextSingle();
        }

        return values;
    }

    private static long[] Ids(Random random, DraftInput input, int count)
    {
        var values = new long[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = input switch
            {
                { Range: { } range } => random.NextInt64(range.Min, range.Max == long.MaxValue ? range.Max : range.Max + 1),
                { RawIds.Rows: { Count: > 0 } rows } => rows[random.Next(rows.Count)],
                // Nothing is known of its valid values; a table without row 0 would have no rows.
                _ => 0,
            };
        }

        return values;
    }
}
