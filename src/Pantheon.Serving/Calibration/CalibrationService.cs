using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Stores;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Models;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Exposures;
using Pantheon.Serving.Models;

namespace Pantheon.Serving.Calibration;

/// <summary>The Calibrations service.</summary>
internal sealed partial class CalibrationService(
    CalibrationHost host, FrozenBaselines baselines, ExposureHost exposures, ModelCatalog catalog, ServingOptions options, TimeProvider clock, ILogger<CalibrationService> logger)
    : Calibrations.CalibrationsBase
{
    /// <inheritdoc/>
    public override async Task<ModelCalibration> Get(GetCalibrationRequest request, ServerCallContext context)
    {
        AdminToken.Check(options, context);
        return await DescribeAsync(Find("model", request.Model), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<ModelCalibration> Import(ImportMomentsRequest request, ServerCallContext context)
    {
        AdminToken.Check(options, context);
        var ask = RequesterRules.Read(request.Requester, context);
        var moments = request.Moments ?? throw Invalid("moments: got none, expected what was measured");
        var served = Find("moments.model", moments.Model);
        if (moments.Versions.Count == 0)
        {
            throw Invalid("moments.versions: got none, expected at least one");
        }

        // All are looked at before any is taken.
        var imported = moments.Versions.Select((version, index) => Check(served, version, $"moments.versions[{index}].")).ToList();
        if (imported.Select(pair => pair.Model).Distinct().Count() != imported.Count)
        {
            throw Invalid("moments.versions: got a version twice, expected each once");
        }

        try
        {
            for (var index = 0; index < imported.Count; index++)
            {
                if (exposures.Store is { } store)
                {
                    await SharedMoments.ImportAsync(store.Notes, served.Name, moments.Versions[index], context.CancellationToken);
                }
                else if (exposures.IsWanted)
                {
                    throw new ExposureStoreException("the store of exposures is not open; the server's log says why");
                }
                else
                {
                    imported[index].Model.Calibration.SetOthers([imported[index].Moments]);
                }
            }
        }
        catch (Exception error) when (error is ExposureStoreException or ObjectDisposedException)
        {
            throw Unavailable(error.Message);
        }

        foreach (var (model, _) in imported)
        {
            LogImported(served.Name, model.Version, ask.By, ask.Reason);
        }

        return await DescribeAsync(served, context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<ModelCalibration> Freeze(FreezeBaselineRequest request, ServerCallContext context)
    {
        AdminToken.Check(options, context);
        var ask = RequesterRules.Read(request.Requester, context);
        var served = Find("model", request.Model);
        var model = served.InService ?? throw Impossible($"model '{served.Name}' has no version in service: {served.Reason}");
        await host.ExchangeAsync([model], context.CancellationToken);
        await host.RefreshAsync(served.Name, context.CancellationToken);
        var calibration = model.Calibration;
        var (now, before) = (clock.GetUtcNow(), baselines.Known(served.Name));
        if (baselines.ProblemOf(served.Name) is { } problem)
        {
            throw problem is BaselineAwayException ? Unavailable(problem.Message)
                : Impossible($"the frozen baseline that there is cannot be read; mend or remove it first: {problem.Message}");
        }

        var slots = calibration.Slots;
        if (!calibration.IsEnough(slots[0].Measured))
        {
            var (scores, requests) = (slots[0].Measured.Scores, slots[0].Measured.Requests);
            throw Impossible(FormattableString.Invariant(
                $"version {model.Version}: got scores that weigh {scores.Count:0} in requests that weigh {requests:0}, with a standard deviation of {scores.Std}; expected at least {options.Calibration.MinScores} in {options.Calibration.MinRequests}, and not all alike"));
        }

        try
        {
            await baselines.WriteAsync(served.Name, new FrozenBaseline
            {
                Version = (before?.Version ?? 0) + 1,
                Default = Frozen(slots[0]),
                Scenarios = slots.Skip(1).Select(slot => (slot.Scenario, Moments: calibration.IsEnough(slot.Measured) ? Frozen(slot) : Kept(slot, slots[0], before)))
                    .Where(pair => pair.Moments is not null).ToDictionary(pair => pair.Scenario, pair => pair.Moments!),
                Source = new BaselineSource(served.Name, model.Version, model.Bundle.Digest, calibration.MeasuredFrom, now),
                At = now,
                By = ask.By,
                Reason = ask.Reason,
            }, context.CancellationToken);
        }
        catch (Exception error) when (error is BundleException or BaselineAwayException)
        {
            throw Unavailable(error.Message);
        }

        LogFrozen(served.Name, model.Version, (before?.Version ?? 0) + 1, ask.By, ask.Reason);
        return await DescribeAsync(served, context.CancellationToken);
    }

    // As the scores are answered: who is used to them sees no jump.
    private static FrozenMoments Frozen(CalibrationSlot slot)
    {
        var answered = slot.Calibrator is { } calibrator ? calibrator.Apply(slot.Measured.Scores) : slot.Measured.Scores;
        return new FrozenMoments(answered.Mean, answered.Std, answered.Count, slot.Measured.Requests);
    }

    // Of a scenario with too few scores: what it is moved to now, if that is not the default's; nothing of it was measured.
    private static FrozenMoments? Kept(CalibrationSlot slot, CalibrationSlot @default, FrozenBaseline? before) =>
        before?.Scenarios.GetValueOrDefault(slot.Scenario)
        ?? (slot.Baseline is { } to && slot.Calibrator != @default.Calibrator ? new FrozenMoments(to.Mean, to.Std, Scores: 0, Requests: 0) : null);

    private (LoadedModel Model, OtherMoments Moments) Check(ServedModel served, VersionMoments came, string path)
    {
        if (!served.Versions.TryGetValue(came.Version, out var model))
        {
            throw Impossible($"{path}version: got {came.Version}, expected a loaded version of '{served.Name}' ({string.Join(", ", served.Versions.Keys.Order())})");
        }

        if (came.BundleDigest != model.Bundle.Digest)
        {
            throw Impossible($"{path}bundle_digest: got '{(came.BundleDigest.Length > 80 ? came.BundleDigest[..80] : came.BundleDigest)}', expected that of version {came.Version}, {model.Bundle.Digest}: moments of another graph say nothing of this one");
        }

        // All that a frozen baseline may name, and the default.
        var read = MomentsMessage.Read(came, path, clock.GetUtcNow(), age: 0, FrozenBaseline.MaxScenarios + 1, options.Limits.MaxTextBytes, out var fault);
        return (model, read ?? throw Invalid(fault!));
    }

    private async Task<ModelCalibration> DescribeAsync(ServedModel served, CancellationToken cancellation)
    {
        await host.ExchangeAsync([.. served.Versions.Values], cancellation);
        await host.RefreshAsync(served.Name, cancellation);
        return MomentsMessage.Of(served.Name, baselines.Known(served.Name), baselines.ProblemOf(served.Name)?.Message, served.Versions.Values);
    }

    private ServedModel Find(string field, string model)
    {
        var name = model.Length == 0 ? catalog.DefaultModel : model;
        return catalog.Models.FirstOrDefault(served => served.Name == name)
            ?? throw new RpcException(new Status(
                StatusCode.NotFound, $"{field}: got '{name}', expected one of {string.Join(", ", catalog.Models.Select(served => served.Name).Order(StringComparer.Ordinal))}"));
    }

    private static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));

    private static RpcException Unavailable(string message) => new(new Status(StatusCode.Unavailable, message));

    private static RpcException Impossible(string message) => new(new Status(StatusCode.FailedPrecondition, message));

    [LoggerMessage(EventId = 2408, Level = LogLevel.Information, Message = "Model '{Model}': the scores of version {Version} are frozen as baseline {Baseline}, as {Requester} asked ({Reason})")]
    private partial void LogFrozen(string model, long version, long baseline, string requester, string reason);

    [LoggerMessage(EventId = 2409, Level = LogLevel.Information, Message = "Model '{Model}': moments of version {Version} are imported, as {Requester} asked ({Reason})")]
    private partial void LogImported(string model, long version, string requester, string reason);
}
