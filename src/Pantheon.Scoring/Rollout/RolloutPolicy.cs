using Pantheon.Bundles;

namespace Pantheon.Scoring.Rollout;

/// <summary>How far a version is.</summary>
public enum VersionState
{
    /// <summary>On disk, and nobody asked for it.</summary>
    Available,

    /// <summary>Being verified, loaded and warmed, or waiting for it.</summary>
    Loading,

    /// <summary>Can take traffic.</summary>
    Ready,

    /// <summary>Was refused.</summary>
    Failed,
}

/// <summary>What is so now.</summary>
public sealed record RolloutSituation
{
    /// <summary>What was declared; null: nothing, and the newest version is to serve.</summary>
    public TrafficTable? Table { get; init; }

    /// <summary>Versions on disk, ascending.</summary>
    public required IReadOnlyList<long> OnDisk { get; init; }

    /// <summary>Versions that were at least asked for.</summary>
    public required IReadOnlyDictionary<long, VersionState> Known { get; init; }

    /// <summary>The version in service; null: none.</summary>
    public long? Serving { get; init; }

    /// <summary>The version in service before that one, for a rollback where nothing is declared; null: none.</summary>
    public long? Before { get; init; }

    /// <summary>Versions that settings, or a change under way, want loaded besides.</summary>
    public IReadOnlyCollection<long> Demanded { get; init; } = [];
}

/// <summary>What is to be done.</summary>
/// <param name="Base">Who serves now; null: nobody can.</param>
/// <param name="Canary">Who is on trial now; null: nobody, or not yet ready.</param>
/// <param name="Shadow">Who is scored beside; null: nobody, or not yet ready.</param>
/// <param name="Load">Versions to load, the most urgent first.</param>
/// <param name="Retire">Versions to let go.</param>
/// <param name="Target">Who is meant to serve; null: there is no version that could.</param>
public sealed record RolloutPlan(long? Base, long? Canary, long? Shadow, IReadOnlyList<long> Load, IReadOnlyList<long> Retire, long? Target);

/// <summary>
/// From what is declared and what is so to the next steps; pure. Available before economical: what serves goes on serving until
/// its successor is ready, a version that is refused changes nothing, and nothing is let go that has traffic.
/// </summary>
public static class RolloutPolicy
{
    public static RolloutPlan Next(RolloutSituation now)
    {
        VersionState State(long version) => now.Known.GetValueOrDefault(version);
        var target = Candidates(now).Select(version => (long?)version).FirstOrDefault(version => State(version!.Value) != VersionState.Failed);
        var isServingReady = now.Serving is { } serving && State(serving) == VersionState.Ready;
        // A declared version that was refused is no reason to fall back from what serves: that was good a moment ago.
        if (isServingReady && now.Table is { } table && target != table.Base)
        {
            target = now.Serving;
        }

        var @base = target is { } wanted && State(wanted) == VersionState.Ready ? target : isServingReady ? now.Serving : null;
        long? Ready(long? version) => version is { } value && value != @base && State(value) == VersionState.Ready ? version : null;
        // Without a table what a swap replaces is what a rollback would return to.
        var warm = now.Table is null ? (@base == now.Serving ? now.Before : now.Serving) : now.Table.Previous;
        List<long> keep = [.. new[] { target, @base, now.Table?.Canary?.Version, now.Table?.Shadow?.Version }.OfType<long>(),
            .. now.Demanded, .. now.Table?.Loaded ?? [], .. warm is { } one ? [one] : Array.Empty<long>()];
        return new RolloutPlan(
            @base,
            Ready(now.Table?.Canary?.Version),
            Ready(now.Table?.Shadow?.Version),
            [.. keep.Distinct().Where(version => State(version) == VersionState.Available && now.OnDisk.Contains(version))],
            [.. now.Known.Where(pair => pair.Value == VersionState.Ready && !keep.Contains(pair.Key)).Select(pair => pair.Key).Order()],
            target);
    }

    // Who could serve, best first: the declared base, then those before it, then the rest; without a table the newest.
    private static IEnumerable<long> Candidates(RolloutSituation now)
    {
        IEnumerable<long> newest = now.OnDisk.Concat(now.Known.Where(pair => pair.Value == VersionState.Ready).Select(pair => pair.Key)).Distinct().OrderDescending();
        if (now.Table is not { } table)
        {
            return newest;
        }

        // A trial or a shadow is not known to be good enough to serve all.
        var there = newest.Where(version => version != table.Canary?.Version && version != table.Shadow?.Version).ToList();
        return ((long[])[table.Base, .. table.Earlier.Reverse()]).Where(there.Contains).Concat(there).Distinct();
    }
}
