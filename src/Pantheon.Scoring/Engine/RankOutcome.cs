using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Requests;

namespace Pantheon.Scoring.Engine;

/// <summary>Either a ranking or why there is none.</summary>
/// <param name="Result">The ranking, which the receiver disposes.</param>
/// <param name="Fault">Or the fault.</param>
public readonly record struct RankOutcome(RankResult? Result, RankFault? Fault);

/// <summary>Which part of the traffic a version was chosen for; the numbers are the wire's.</summary>
public enum ServingArm
{
    /// <summary>The version in service.</summary>
    Base = 1,

    /// <summary>A version under trial on a share of the users.</summary>
    Canary = 2,

    /// <summary>The version that the request pinned.</summary>
    Pinned = 3,

    /// <summary>A version that is scored beside the one that answers; no answer names it.</summary>
    Shadow = 4,
}

/// <summary>Where the time of one request went, in seconds.</summary>
public struct StageSeconds
{
    /// <summary>Checks, vocabularies, tiling.</summary>
    public double Prepare { get; set; }

    /// <summary>Waiting for a slot.</summary>
    public double Queue { get; set; }

    /// <summary>The graph.</summary>
    public double Run { get; set; }

    /// <summary>Top k. Calibration is applied as the answer is written.</summary>
    public double Rank { get; set; }
}

/// <summary>A ranking, in memory that it holds until it is disposed. It reads candidate ids from its query.</summary>
public sealed class RankResult : IDisposable
{
    private PinnedBuffer? _keys;
    private PinnedBuffer?[] _outputs;

    internal RankResult(RankQuery query, LoadedModel model, ServingArm arm, int candidates)
    {
        Query = query;
        Model = model;
        Arm = arm;
        Candidates = candidates;
        _outputs = new PinnedBuffer?[model.Outputs.Length];
        Calibration = model.Calibration.Slot(query.Scenario, out var scale);
        Scale = scale;
        Dropped = [];
    }

    /// <summary>The request, which is not owned.</summary>
    public RankQuery Query { get; }

    /// <summary>The version that scored it.</summary>
    public LoadedModel Model { get; }

    /// <summary>The arm it was scored for.</summary>
    public ServingArm Arm { get; }

    /// <summary>Candidates scored.</summary>
    public int Candidates { get; }

    /// <summary>Items returned.</summary>
    public int Count { get; private set; }

    /// <summary>Positions left out because their score was not finite, ascending.</summary>
    public IReadOnlyList<int> Dropped { get; internal set; }

    /// <summary>What turns raw into calibrated scores; null where there is no baseline.</summary>
    public MeanVarianceCalibrator? Calibrator => Calibration.Calibrator;

    /// <summary>How its scores are calibrated, read once.</summary>
    internal CalibrationSlot Calibration { get; }

    /// <summary>The <see cref="VersionCalibration.Scale"/> that they are calibrated on.</summary>
    internal int Scale { get; }

    /// <summary>The probability that each item was put in its place; 1 where the best were taken.</summary>
    public double Propensity { get; private set; } = 1;

    /// <summary>Whether the items were drawn instead of ranked.</summary>
    public bool Explored { get; private set; }

    /// <summary>The answer's id, for feedback on it; empty where nobody stores it.</summary>
    public Guid RankingId { get; set; }

    /// <summary>Where the time went.</summary>
    public StageSeconds Seconds { get; internal set; }

    /// <summary>Raw scores by position.</summary>
    public ReadOnlySpan<float> Scores => _outputs[0]!.Span<float>(Candidates);

    /// <summary>Positions, best first, as keys of <see cref="TopK.TopKSelector"/>.</summary>
    public ReadOnlySpan<ulong> Keys => Count == 0 ? [] : _keys!.Span<ulong>(Count);

    /// <summary>Number of Pxtr outputs of the graph: one with a column per objective, or one per objective.</summary>
    public int PxtrOutputs => _outputs.Length - 1;

    /// <summary>Pxtrs of output <paramref name="output"/>, row-major over candidates.</summary>
    public ReadOnlySpan<float> Pxtrs(int output, out int columns)
    {
        columns = Model.Outputs[output + 1].Columns;
        return _outputs[output + 1]!.Span<float>(Candidates * columns);
    }

    /// <summary>Gives the memory back. Further calls do nothing.</summary>
    public void Dispose()
    {
        var outputs = Interlocked.Exchange(ref _outputs, []);
        foreach (var output in outputs)
        {
            output?.Dispose();
        }

        Interlocked.Exchange(ref _keys, null)?.Dispose();
    }

    internal nint RentOutput(int index, int bytes)
    {
        var buffer = Query.Memory.Rent(bytes);
        _outputs[index] = buffer;
        return buffer.Address;
    }

    internal void Select(int k)
    {
        var room = Math.Min(k, Candidates);
        _keys = Query.Memory.Rent(room * sizeof(ulong));
        Count = TopK.TopKSelector.Select(Scores, room, _keys.Span<ulong>(room));
    }

    /// <summary>Draws k of the best <paramref name="depth"/>, in random order.</summary>
    internal void Explore(int k, int depth, Random random)
    {
        Select(Math.Max(k, depth));
        var keys = _keys!.Span<ulong>(Count);
        // The first k steps of a Fisher-Yates shuffle: every place gets each of the candidates alike.
        k = Math.Min(k, Count);
        for (var place = 0; place < k; place++)
        {
            var drawn = random.Next(place, keys.Length);
            (keys[place], keys[drawn]) = (keys[drawn], keys[place]);
        }

        (Explored, Propensity, Count) = (true, Count == 0 ? 1 : 1.0 / Count, k);
    }
}
