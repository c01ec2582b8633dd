using System.Globalization;
using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Rollout;
using Pantheon.Serving.Configuration;

namespace Pantheon.Serving.Models;

/// <summary>The Models service: who may ask, what was asked and how it is answered; what it means is the rollout's business.</summary>
internal sealed partial class ModelsService(
    ModelHost host, ModelCatalog catalog, ServingOptions options, TimeProvider clock, Drain drain, ILogger<ModelsService> logger) : Contracts.V1.Models.ModelsBase
{
    /// <inheritdoc/>
    public override Task<ListModelsResponse> List(ListModelsRequest request, ServerCallContext context)
    {
        Authorize(context);
        return Task.FromResult(new ListModelsResponse
        {
            Models = { host.Rollouts.Values.Select(rollout => rollout.View).OrderBy(view => view.Model, StringComparer.Ordinal).Select(ModelMessage.Of) },
        });
    }

    /// <inheritdoc/>
    public override Task<Model> Get(GetModelRequest request, ServerCallContext context)
    {
        Authorize(context);
        return Task.FromResult(ModelMessage.Of(Find(request.Model).View));
    }

    /// <inheritdoc/>
    public override Task<ChangeModelResponse> Load(LoadModelRequest request, ServerCallContext context) =>
        ChangeAsync(request.Model, request.Version, request.Requester, (table, ask) => table.Load(request.Version, ask), needs: true, context);

    /// <inheritdoc/>
    public override Task<ChangeModelResponse> Unload(UnloadModelRequest request, ServerCallContext context) =>
        ChangeAsync(request.Model, request.Version, request.Requester, (table, ask) => Unload(table, request, ask), needs: false, context);

    /// <inheritdoc/>
    public override Task<ChangeModelResponse> SetCanary(SetCanaryRequest request, ServerCallContext context) => ChangeAsync(
        request.Model, request.Version, request.Requester, (table, ask) => table.TryOut(request.Version, request.Percent, ask), needs: request.Percent > 0, context);

    /// <inheritdoc/>
    public override Task<ChangeModelResponse> SetShadow(SetShadowRequest request, ServerCallContext context) => ChangeAsync(
        request.Model, request.Version, request.Requester, (table, ask) => table.Compare(request.Version, request.Percent, ask), needs: request.Percent > 0, context);

    /// <inheritdoc/>
    public override Task<ChangeModelResponse> Promote(PromoteModelRequest request, ServerCallContext context) =>
        ChangeAsync(request.Model, request.Version, request.Requester, (table, ask) => table.Promote(request.Version, ask), needs: true, context);

    /// <inheritdoc/>
    public override Task<ChangeModelResponse> Rollback(RollbackModelRequest request, ServerCallContext context)
    {
        Authorize(context);
        var view = Find(request.Model).View;
        // The base that returns has to be there; warm as it is, that costs nothing.
        var back = view.Table?.Canary is null ? view.Before ?? 0 : 0;
        return ChangeAsync(request.Model, back == 0 ? null : back, request.Requester, (table, ask) => table.Rollback(ask), needs: back != 0, context);
    }

    /// <inheritdoc/>
    public override Task<ModelHistoryResponse> History(ModelHistoryRequest request, ServerCallContext context)
    {
        Authorize(context);
        if (request.Limit < 0)
        {
            throw Invalid("limit", request.Limit, "0 (all) or above");
        }

        var changes = (Find(request.Model).View.Table?.History ?? []).Reverse().Take(request.Limit == 0 ? int.MaxValue : request.Limit);
        return Task.FromResult(new ModelHistoryResponse { Changes = { changes.Select(ModelMessage.Of) } });
    }

    /// <inheritdoc/>
    public override async Task Watch(WatchModelsRequest request, IServerStreamWriter<Model> responseStream, ServerCallContext context)
    {
        Authorize(context);
        if (request.Model.Length > 0)
        {
            Find(request.Model);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, drain.Over);
        var sent = new Dictionary<string, long>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                var views = host.Rollouts.Values.Select(rollout => rollout.View).Where(view => request.Model.Length == 0 || view.Model == request.Model)
                    .OrderBy(view => view.Model, StringComparer.Ordinal).ToList();
                foreach (var view in views.Where(view => sent.GetValueOrDefault(view.Model, -1) != view.Sequence))
                {
                    await responseStream.WriteAsync(ModelMessage.Of(view), ending.Token);
                    sent[view.Model] = view.Sequence;
                }

                // A model that is new has no view to wait for: it is found by looking again.
                await Task.WhenAny([.. views.Select(view => view.Replaced), Task.Delay(TimeSpan.FromSeconds(1), clock, ending.Token)]);
                ending.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The watcher left, or the service goes down.
        }
    }

    private async Task<ChangeModelResponse> ChangeAsync(
        string model, long? version, Requester? requester, Func<TrafficTable, TrafficAsk, TrafficTable> change, bool needs, ServerCallContext context)
    {
        Authorize(context);
        var rollout = Find(model);
        if (version <= 0)
        {
            throw Invalid("version", version.Value, "a positive number");
        }

        var ask = RequesterRules.Read(requester, context);
        try
        {
            TrafficChange? done = null;
            var view = await rollout.ChangeAsync(
                table =>
                {
                    var next = change(table, ask with { At = clock.GetUtcNow() });
                    done = next.History[^1];
                    return next;
                },
                needs ? version!.Value : 0,
                context.CancellationToken);
            LogChanged(view.Model, done!.Action, done.Version, ask.By, ask.Reason);
            return new ChangeModelResponse { Change = ModelMessage.Of(done), Model = ModelMessage.Of(view) };
        }
        catch (TrafficException error)
        {
            throw new RpcException(new Status(error.IsInvalid ? StatusCode.InvalidArgument : StatusCode.FailedPrecondition, error.Message));
        }
        catch (BundleException error)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, error.Message));
        }
    }

    private TrafficTable Unload(TrafficTable table, UnloadModelRequest request, TrafficAsk ask)
    {
        var name = Find(request.Model).View.Model;
        var isPinned = options.PinnedVersions.GetValueOrDefault(name)?.Contains(request.Version) ?? false;
        return isPinned && !table.Wanted.Contains(request.Version)
            ? throw new TrafficException($"version {request.Version} is loaded because setting {ServingOptions.Section}:{nameof(options.PinnedVersions)}:{name} names it, which no call changes")
            : table.Unload(request.Version, ask);
    }

    private ModelRollout Find(string model)
    {
        var name = model.Length == 0 ? catalog.DefaultModel : model;
        return host.Rollouts.TryGetValue(name, out var rollout) ? rollout
            : throw new RpcException(new Status(
                StatusCode.NotFound, $"model: got '{name}', expected one of {string.Join(", ", host.Rollouts.Keys.Order(StringComparer.Ordinal))}"));
    }

    private static RpcException Invalid(string field, object got, string expected) =>
        new(new Status(StatusCode.InvalidArgument, string.Create(CultureInfo.InvariantCulture, $"{field}: got {got}, expected {expected}")));

    private void Authorize(ServerCallContext context) => AdminToken.Check(options, context);

    [LoggerMessage(EventId = 2014, Level = LogLevel.Information, Message = "Model '{Model}': {Action} of version {Version}, as {Requester} asked ({Reason})")]
    private partial void LogChanged(string model, string action, long version, string requester, string reason);
}
