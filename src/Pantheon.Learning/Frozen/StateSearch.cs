using System.Globalization;
using Pantheon.Bundles;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Frozen;

/// <summary>Finds states by name in a graph, by running it: a file need not say what shape a value inside of it has.</summary>
internal sealed class StateSearch : IDisposable
{
    // Two sizes tell a dimension that grows with the candidates from one that happens to equal them.
    private const int Few = 5;
    private const int More = 7;

    // Other tensors that a message names.
    private const int Named = 10;

    private readonly Bundle _bundle;
    private readonly GraphTrial _trial;
    private readonly Dictionary<string, GraphTensor> _values;
    private readonly Dictionary<string, TensorValue>[] _requests;

    /// <param name="model">The bundle's graph.</param>
    /// <exception cref="GraphException">The graph cannot be loaded.</exception>
    public StateSearch(Bundle bundle, OnnxModel model)
    {
        _bundle = bundle;
        _trial = GraphTrial.Load(model.WithEveryValue());
        _values = _trial.Outputs.ToDictionary(value => value.Name, StringComparer.Ordinal);
        _requests = [.. new[] { Few, More }.Select(candidates => bundle.Manifest.Inputs.ToDictionary(input => input.Name, input => Lowest(input, candidates), StringComparer.Ordinal))];
    }

    /// <summary>d of each state, float [candidates, d].</summary>
    /// <exception cref="BundleException">One is not there, or is of another type or shape; the message names what else there is.</exception>
    /// <exception cref="GraphException">The graph fails on the lowest ids and zeros.</exception>
    public IReadOnlyList<int> Widths(IReadOnlyList<string> states)
    {
        foreach (var name in states)
        {
            if (!_values.TryGetValue(name, out var value))
            {
                throw Refused($"the graph has no value '{name}'", name);
            }

            if (value.Element != TensorElement.Float)
            {
                throw Refused($"state '{name}' is {value.ElementName} [{string.Join(',', value.Shape.Select(size => size?.ToString(CultureInfo.InvariantCulture) ?? "?"))}]", name);
            }
        }

        return states.Count == 0 ? [] : [.. Shapes(states).Zip(states, (shapes, name) => WidthOf(shapes) ?? throw Refused(
            $"state '{name}' is float [{string.Join(',', shapes.Few)}] for {Few} candidates and [{string.Join(',', shapes.More)}] for {More}", name))];
    }

    public void Dispose() => _trial.Dispose();

    // Valid whatever the graph is; only shapes are asked for.
    private static TensorValue Lowest(InputSpec input, int candidates)
    {
        long[] shape = [.. input.Shape.Select(size => size ?? candidates)];
        var length = shape.Aggregate(1L, (product, size) => checked(product * size));
        return input.Type == ElementType.Float ? TensorValue.Of(new float[length], shape) : TensorValue.Of([.. Enumerable.Repeat(input.Range?.Min ?? 0, (int)length)], shape);
    }

    private static int? WidthOf((long[] Few, long[] More) shapes) => (shapes.Few, shapes.More) is ([Few, var width], [More, var same]) && width == same && width > 0 ? (int)width : null;

    private List<(long[] Few, long[] More)> Shapes(IReadOnlyList<string> names)
    {
        var runs = _requests.Select(request => _trial.Run(request, names)).ToList();
        return [.. runs[0].Zip(runs[1], (few, more) => (few.Shape, more.Shape))];
    }

    private BundleException Refused(string problem, string name)
    {
        string[] floats = [.. _values.Values.Where(value => value.Element == TensorElement.Float).Select(value => value.Name)];
        var fits = floats.Zip(Shapes(floats), (other, shapes) => (Name: other, Width: WidthOf(shapes)))
            .Where(value => value.Width is not null)
            .OrderByDescending(value => Common(value.Name, name)).ThenBy(value => value.Name.Length)
            .Select(value => $"{value.Name} [candidates,{value.Width}]").ToList();
        var more = fits.Count > Named ? $" and {fits.Count - Named} more" : "";
        return new BundleException(
            $"{_bundle.Directory}: {problem}, expected float [candidates,d]: {(fits.Count == 0 ? "the graph has none" : string.Join(", ", fits.Take(Named)) + more)}");
    }

    /// <summary>Length of the longest text that both names hold: exporters put a module's path around the name that one knows.</summary>
    private static int Common(string left, string right)
    {
        var longest = 0;
        for (var start = 0; start < left.Length; start++)
        {
            while (start + longest < left.Length && right.Contains(left.AsSpan(start, longest + 1), StringComparison.OrdinalIgnoreCase))
            {
                longest++;
            }
        }

        return longest;
    }
}
