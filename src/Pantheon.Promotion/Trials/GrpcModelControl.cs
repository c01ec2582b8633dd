using Grpc.Core;
using Pantheon.Contracts.V1;

namespace Pantheon.Promotion.Trials;

/// <summary>
/// The Models service over the wire: of a replica, or of several behind a proxy. One of those may not have heard yet of what another one just changed: what
/// it says is not taken for somebody's change back, but asked again. Not for use by two threads at once.
/// </summary>
/// <param name="client">Of the service.</param>
/// <param name="name">How the promoter calls itself there.</param>
/// <param name="token">What the service wants before it changes anything; empty: nothing.</param>
/// <param name="timeout">For each call; a version is loaded and warmed within it.</param>
/// <param name="clock">How time passes.</param>
public sealed class GrpcModelControl(Models.ModelsClient client, string name, string token, TimeSpan timeout, TimeProvider clock) : IModelControl
{
    private const int LongestReason = 1024;

    // Replicas agree within two seconds. After this a table that is older was put back, and is what holds.
    private static readonly TimeSpan s_lag = TimeSpan.FromSeconds(30);

    // By model: the newest revision that a replica told of, and when one last did.
    private readonly Dictionary<string, (long Revision, long At)> _newest = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<TrafficState> GetAsync(string model, CancellationToken cancellation) => AskAsync(
        async options =>
        {
            var history = await client.HistoryAsync(new ModelHistoryRequest { Model = model, Limit = 1 }, options);
            if (history.Changes is [var last, ..])
            {
                return Of(model, last);
            }

            Follow(model, revision: 0);
            var now = await client.GetAsync(new GetModelRequest { Model = model }, options);
            return now.BaseVersion == 0
                ? throw new ModelControlException($"model '{model}' has no version in service yet: {now.Problem}", isRefused: false)
                : new TrafficState(now.BaseVersion, null, 0, IsDeclared: false, "");
        },
        cancellation);

    /// <inheritdoc/>
    public Task<TrafficState> SetCanaryAsync(string model, long version, double percent, string reason, CancellationToken cancellation) => AskAsync(
        async options => Of(model, (await client.SetCanaryAsync(new SetCanaryRequest { Model = model, Version = version, Percent = percent, Requester = Who(reason) }, options)).Change), cancellation);

    /// <inheritdoc/>
    public Task<TrafficState> PromoteAsync(string model, long version, string reason, CancellationToken cancellation) => AskAsync(
        async options => Of(model, (await client.PromoteAsync(new PromoteModelRequest { Model = model, Version = version, Requester = Who(reason) }, options)).Change), cancellation);

    private TrafficState Of(string model, ModelChange change)
    {
        Follow(model, change.Revision);
        return new TrafficState(
            change.BaseVersion,
            change.CanaryVersion == 0 ? null : change.CanaryVersion,
            change.CanaryPercent,
            IsDeclared: true,
            TrafficState.Words(change.Action, change.Version, change.Requester, change.Reason));
    }

    private void Follow(string model, long revision)
    {
        var newest = _newest.GetValueOrDefault(model);
        if (revision < newest.Revision && clock.GetElapsedTime(newest.At) < s_lag)
        {
            throw new ModelControlException(
                FormattableString.Invariant($"the replica that answered has the traffic of '{model}' at revision {revision}, expected {newest.Revision} or later: it has not caught up yet"), isRefused: false);
        }

        _newest[model] = (revision, clock.GetTimestamp());
    }

    private Requester Who(string reason) => new() { Name = name, Reason = reason.Length > LongestReason / 4 ? reason[..(LongestReason / 4)] : reason };

    private async Task<TrafficState> AskAsync(Func<CallOptions, Task<TrafficState>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask(new CallOptions(
                token.Length == 0 ? null : new Metadata { { "authorization", $"Bearer {token}" } }, DateTime.UtcNow + timeout, cancellation)).ConfigureAwait(false);
        }
        catch (RpcException error) when (!cancellation.IsCancellationRequested)
        {
            throw new ModelControlException(
                $"{error.StatusCode}: {error.Status.Detail}", error.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.NotFound, error);
        }
    }
}
