using System.Numerics;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Cli.Create;

/// <summary>What running a graph tells that its file does not: which user inputs it wants once per candidate, and its outputs' shapes.</summary>
/// <param name="Tiled">User inputs that the service has to repeat for every candidate.</param>
/// <param name="OutputShapes">By place in the outputs asked for; null is the candidate dimension.</param>
internal sealed record GraphBehaviour(IReadOnlySet<string> Tiled, IReadOnlyList<IReadOnlyList<long?>> OutputShapes)
{
    // Two sizes tell a dimension that grows with the candidates from one that happens to equal them.
    private const int Small = 7;
    private const int Large = 12;

    // Broadcast and tiled arithmetic may round differently, but no more than this.
    private const double Tolerance = 1e-4;

    private const int MaxChoices = 8;

    /// <summary>Prefers giving the user once: an input is tiled only if its file says so, or if the graph fails on one row.</summary>
    /// <exception cref="CommandFailure">The graph does not run, or it cannot be told what it means.</exception>
    public static GraphBehaviour Find(GraphTrial trial, IReadOnlyList<DraftInput> inputs, IReadOnlyList<string> outputs)
    {
        var ofCandidates = inputs.Where(input => input.Side == FeatureSide.Candidate && input.Symbol is not null)
            .Select(input => input.Symbol).ToHashSet(StringComparer.Ordinal);
        var open = inputs.Where(input => input.Side == FeatureSide.User && input.OpenAxis >= 0).ToList();
        var certain = open.Where(input => ofCandidates.Contains(input.Symbol)).Select(input => input.Name).ToList();
        // Inputs of one symbol have equally many rows; one without a symbol stands for itself.
        var choices = open.Where(input => !certain.Contains(input.Name))
            .GroupBy(input => input.Symbol ?? $"\0{input.Name}", input => input.Name)
            .Select(group => group.ToArray()).ToList();
        if (choices.Count > MaxChoices)
        {
            choices = [[.. choices.SelectMany(group => group)]];
        }

        var sample = (Small: SampleRequest.Draw(inputs, Small, seed: 1), Large: SampleRequest.Draw(inputs, Large, seed: 2));
        CommandFailure? failed = null, misshaped = null;
        foreach (var mask in Enumerable.Range(0, 1 << choices.Count).OrderBy(mask => BitOperations.PopCount((uint)mask)))
        {
            var tiled = certain.Concat(choices.Where((_, index) => (mask >> index & 1) != 0).SelectMany(names => names))
                .ToHashSet(StringComparer.Ordinal);
            var attempt = Attempt(trial, sample, tiled, outputs);
            if (attempt.Shapes is { } shapes)
            {
                RefuseAmbiguity(trial, sample.Large, outputs, [.. open.Select(input => input.Name)], tiled);
                return new GraphBehaviour(tiled, shapes);
            }

            failed ??= attempt.Failed;
            misshaped ??= attempt.Misshaped;
        }

        // A graph that runs and gives the wrong shape says more than one that does not run.
        throw misshaped ?? failed!;
    }

    private static (IReadOnlyList<IReadOnlyList<long?>>? Shapes, CommandFailure? Failed, CommandFailure? Misshaped) Attempt(
        GraphTrial trial, (SampleRequest Small, SampleRequest Large) sample, IReadOnlySet<string> tiled, IReadOnlyList<string> outputs)
    {
        IReadOnlyList<TensorValue> small, large;
        try
        {
            small = trial.Run(sample.Small.Tensors(tiled), outputs);
            large = trial.Run(sample.Large.Tensors(tiled), outputs);
        }
        catch (GraphException error)
        {
            return (null, new CommandFailure($"the graph fails on a request of {Small} candidates: {error.Message}"), null);
        }

        var shapes = new List<IReadOnlyList<long?>>();
        for (var i = 0; i < outputs.Count; i++)
        {
            var (first, second) = (small[i].Shape, large[i].Shape);
            if (first.Length == 0 || first[0] != Small || second[0] != Large || !first.AsSpan(1).SequenceEqual(second.AsSpan(1)))
            {
                return (null, null, new CommandFailure(
                    $"output '{outputs[i]}' has shape {Tensors.Shape(first)} for {Small} candidates and {Tensors.Shape(second)} for {Large}, expected a row for each candidate"));
            }

            shapes.Add([null, .. first.Skip(1).Select(dimension => (long?)dimension)]);
        }

        return (shapes, null, null);
    }

    /// <summary>
    /// An open user dimension may also be a sequence, of which a request could only ever give one element. Where one row and the same row
    /// repeated give different scores, that is so.
    /// </summary>
    private static void RefuseAmbiguity(
        GraphTrial trial, SampleRequest sample, IReadOnlyList<string> outputs, HashSet<string> open, IReadOnlySet<string> tiled)
    {
        if (open.SetEquals(tiled))
        {
            return;
        }

        IReadOnlyList<TensorValue> repeated;
        try
        {
            repeated = trial.Run(sample.Tensors(open), outputs);
        }
        catch (GraphException)
        {
            return;
        }

        var once = trial.Run(sample.Tensors(tiled), outputs);
        for (var i = 0; i < outputs.Count; i++)
        {
            if (!repeated[i].Shape.AsSpan().SequenceEqual(once[i].Shape) || Differ(once[i].Floats!, repeated[i].Floats!))
            {
                var names = string.Join(", ", open.Except(tiled, StringComparer.Ordinal));
                throw new CommandFailure(
                    $"output '{outputs[i]}' is another one when user input {names} is given once than when the same row is repeated for every candidate, "
                    + "so its open dimension is no row of the user: export it with that dimension fixed");
            }
        }
    }

    private static bool Differ(float[] left, float[] right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            if (!left[i].Equals(right[i]) && !(Math.Abs((double)left[i] - right[i]) <= Tolerance * Math.Max(1, Math.Abs(left[i]))))
            {
                return true;
            }
        }

        return false;
    }
}
