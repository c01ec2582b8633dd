using Pantheon.Bundles;
using Pantheon.Promotion.Trials;
using Pantheon.Scoring.Rollout;
using Pantheon.Serving.Models;

namespace Pantheon.Serving.Promotion;

/// <summary>The rollouts of this process, as a promoter sees them.</summary>
internal sealed class LocalModelControl(ModelHost host, TimeProvider clock) : IModelControl
{
    private const string Name = "promoter";

    /// <inheritdoc/>
    public Task<TrafficState> GetAsync(string model, CancellationToken cancellation) => Task.FromResult(Of(Find(model).View));

    /// <inheritdoc/>
    public Task<TrafficState> SetCanaryAsync(string model, long version, double percent, string reason, CancellationToken cancellation) =>
        ChangeAsync(model, table => table.TryOut(version, percent, Ask(reason)), percent > 0 ? version : 0, cancellation);

    /// <inheritdoc/>
    public Task<TrafficState> PromoteAsync(string model, long version, string reason, CancellationToken cancellation) =>
        ChangeAsync(model, table => table.Promote(version, Ask(reason)), version, cancellation);

    private static TrafficState Of(RolloutView view) => view.Table is { } table
        ? new TrafficState(
            table.Base, table.Canary?.Version, table.Canary?.Percent ?? 0, IsDeclared: true,
            table.History is [.., var last] ? TrafficState.Words(last.Action, last.Version, last.By, last.Reason) : "")
        : view.Base is { } version ? new TrafficState(version, null, 0, IsDeclared: false, "")
        : throw new ModelControlException($"model '{view.Model}' has no version in service yet: {view.Problem}", isRefused: false);

    private TrafficAsk Ask(string reason) => new(Name, reason, clock.GetUtcNow());

    private ModelRollout Find(string model) =>
        host.Rollouts.TryGetValue(model, out var rollout) ? rollout : throw new ModelControlException($"model '{model}' is not served here", isRefused: false);

    private async Task<TrafficState> ChangeAsync(string model, Func<TrafficTable, TrafficTable> change, long needs, CancellationToken cancellation)
    {
        try
        {
            return Of(await Find(model).ChangeAsync(change, needs, cancellation));
        }
        catch (TrafficException error)
        {
            throw new ModelControlException(error.Message, isRefused: true, error);
        }
        catch (BundleException error)
        {
            throw new ModelControlException(error.Message, isRefused: false, error);
        }
    }
}
