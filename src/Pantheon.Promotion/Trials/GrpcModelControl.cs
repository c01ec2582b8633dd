using Grpc.Core;
using Pantheon.Contracts.V1;

namespace Pantheon.Promotion.Trials;

/// <summary>The Models service of a replica, over the wire.</summary>
/// <param name="client">Of the service.</param>
/// <param name="name">How the promoter calls itself there.</param>
/// <param name="token">What the service wants before it changes anything; empty: nothing.</param>
/// <param name="timeout">For each call; a version is loaded and warmed within it.</param>
public sealed class GrpcModelControl(Models.ModelsClient client, string name, string token, TimeSpan timeout) : IModelControl
{
    private const int LongestReason = 1024;

    /// <inheritdoc/>
    public Task<TrafficState> GetAsync(string model, CancellationToken cancellation) => AskAsync(
        async options =>
        {
            var history = await client.HistoryAsync(new ModelHistoryRequest { Model = model, Limit = 1 }, options);
            if (history.Changes is [var last, ..])
            {
                return Of(last);
            }

            var now = await client.GetAsync(new GetModelRequest { Model = model }, options);
            return now.BaseVersion == 0
                ? throw new ModelControlException($"model '{model}' has no version in service yet: {now.Problem}", isRefused: false)
                : new TrafficState(now.BaseVersion, null, 0, IsDeclared: false, "");
        },
        cancellation);

    /// <inheritdoc/>
    public Task<TrafficState> SetCanaryAsync(string model, long version, double percent, string reason, CancellationToken cancellation) => AskAsync(
        async options => Of((await client.SetCanaryAsync(new SetCanaryRequest { Model = model, Version = version, Percent = percent, Requester = Who(reason) }, options)).Change), cancellation);

    /// <inheritdoc/>
    public Task<TrafficState> PromoteAsync(string model, long version, string reason, CancellationToken cancellation) => AskAsync(
        async options => Of((await client.PromoteAsync(new PromoteModelRequest { Model = model, Version = version, Requester = Who(reason) }, options)).Change), cancellation);

    private static TrafficState Of(ModelChange change) => new(
        change.BaseVersion,
        change.CanaryVersion == 0 ? null : change.CanaryVersion,
        change.CanaryPercent,
        IsDeclared: true,
        TrafficState.Words(change.Action, change.Version, change.Requester, change.Reason));

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
