using Pantheon.Bundles;

namespace Pantheon.Scoring.Rollout;

/// <summary>A version as things stand.</summary>
/// <param name="Version">Its number.</param>
/// <param name="State">How far it is.</param>
/// <param name="Reason">Why it was refused, if it was.</param>
/// <param name="Model">The loaded version; null unless it is ready.</param>
/// <param name="LoadSeconds">How long verifying, loading and warming took; 0 unless it is ready.</param>
public sealed record VersionView(long Version, VersionState State, string? Reason, LoadedVersion? Model, double LoadSeconds);

/// <summary>What is to be told of a loaded version.</summary>
/// <param name="Digest">Of its bundle.</param>
/// <param name="Statistics">What became of its requests.</param>
public sealed record LoadedVersion(string Digest, VersionStatistics Statistics);

/// <summary>All there is to know of one model's rollout at one moment. Replaced whole.</summary>
public sealed class RolloutView
{
    // Continuations run elsewhere: whoever changes the state does not wait for the watchers.
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required string Model { get; init; }

    /// <summary>One more with every change that is seen here.</summary>
    public required long Sequence { get; init; }

    /// <summary>What was declared; null: nothing, and the newest version is to serve.</summary>
    public required TrafficTable? Table { get; init; }

    /// <summary>Who serves; null: nobody.</summary>
    public required long? Base { get; init; }

    /// <summary>Who is on trial, if it is ready.</summary>
    public required long? Canary { get; init; }

    /// <summary>Who is scored beside, if it is ready.</summary>
    public required long? Shadow { get; init; }

    /// <summary>The version that a rollback would return to; null: none.</summary>
    public required long? Before { get; init; }

    /// <summary>Every version on disk or loaded, ascending.</summary>
    public required IReadOnlyList<VersionView> Versions { get; init; }

    /// <summary>What is not as declared, and why; null: all is.</summary>
    public required string? Problem { get; init; }

    /// <summary>Completes once there is a newer view.</summary>
    public Task Replaced => _replaced.Task;

    internal void MarkReplaced() => _replaced.TrySetResult();
}
