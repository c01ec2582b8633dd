using System.Collections.Immutable;

namespace Pantheon.Serving.Health;

/// <summary>Whether one service is served, and if not, why.</summary>
internal readonly record struct ServiceHealth(bool Serving, string Reason);

/// <summary>What was true of every service at one moment; replaced whole.</summary>
internal sealed class HealthSnapshot(ImmutableSortedDictionary<string, ServiceHealth> services, bool final)
{
    // Continuations run elsewhere: whoever changes the state does not wait for the watchers.
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>By the name that grpc.health.v1 asks for: empty for the process as a whole, <c>model/NAME</c>, gRPC services.</summary>
    public ImmutableSortedDictionary<string, ServiceHealth> Services { get; } = services;

    /// <summary>Whether the process is going down, so that no other snapshot will follow.</summary>
    public bool Final { get; } = final;

    /// <summary>Completes once there is a newer snapshot.</summary>
    public Task Replaced => _replaced.Task;

    /// <summary>Whether the process as a whole wants traffic.</summary>
    public bool Ready => Services.TryGetValue(HealthState.Overall, out ServiceHealth overall) && overall.Serving;

    public void MarkReplaced() => _replaced.TrySetResult();
}
