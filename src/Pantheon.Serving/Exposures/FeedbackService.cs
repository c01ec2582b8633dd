using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Recording;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;
using Pantheon.Serving.Configuration;
using FeedbackReport = Pantheon.Exposures.Reports.FeedbackReport;
using ItemFeedback = Pantheon.Exposures.Reports.ItemFeedback;

namespace Pantheon.Serving.Exposures;

/// <summary>The Feedback service: reports are judged here and stored before they are answered.</summary>
internal sealed class FeedbackService(ExposureHost host, ServingOptions options, TimeProvider clock, Drain drain) : Feedback.FeedbackBase
{
    private const int MaxReports = 1000;
    private const int MaxUserKey = 1024;

    /// <inheritdoc/>
    public override Task<ReportResponse> Report(ReportRequest request, ServerCallContext context) => StoreAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override async Task ReportStream(
        IAsyncStreamReader<ReportRequest> requestStream, IServerStreamWriter<ReportResponse> responseStream, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, drain.Over);
        while (true)
        {
            try
            {
                if (!await requestStream.MoveNext(ending.Token))
                {
                    return;
                }
            }
            catch (Exception) when (drain.Over.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the server is going down: try another one"));
            }

            await responseStream.WriteAsync(await StoreAsync(requestStream.Current, context.CancellationToken), context.CancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async Task<DeleteUserResponse> DeleteUser(DeleteUserRequest request, ServerCallContext context)
    {
        AdminToken.Check(options, context);
        if (request.UserKey.Length is 0 or > MaxUserKey)
        {
            throw Invalid($"user_key: got {request.UserKey.Length} characters, expected 1 to {MaxUserKey}");
        }

        var log = Opened(host.Log);
        var removed = await AskAsync(() => log.DeleteUserAsync(request.UserKey, context.CancellationToken));
        return new DeleteUserResponse { Rankings = removed.Rankings, Reports = removed.Reports };
    }

    private async Task<ReportResponse> StoreAsync(ReportRequest request, CancellationToken cancellation)
    {
        if (request.Reports.Count is 0 or > MaxReports)
        {
            throw Invalid($"reports: got {request.Reports.Count}, expected 1 to {MaxReports}");
        }

        var store = Opened(host.Store);
        var reports = new FeedbackReport[request.Reports.Count];
        for (var index = 0; index < reports.Length; index++)
        {
            var came = request.Reports[index];
            if (!Guid.TryParseExact(came.RankingId, "D", out var id))
            {
                throw Invalid($"reports[{index}].ranking_id: got '{(came.RankingId.Length > 64 ? came.RankingId[..64] : came.RankingId)}', expected the ranking_id of an answer");
            }

            reports[index] = new FeedbackReport(
                id, [.. came.Items.Select(item => new ItemFeedback(item.Rank, item.HasShownPosition ? item.ShownPosition : null, new Dictionary<string, double>(item.Outcomes)))]);
            if (FeedbackRules.Check(reports[index], options.Exposures.Feedback, clock.GetUtcNow()) is { } fault)
            {
                throw Invalid($"reports[{index}].{fault.Message}");
            }
        }

        return new ReportResponse { Stored = await AskAsync(() => store.ReportAsync(reports, cancellation)) };
    }

    private T Opened<T>(T? opened)
        where T : class => opened ?? throw (host.IsWanted
            ? new RpcException(new Status(StatusCode.Unavailable, "the store of exposures is not open; the server's log says why"))
            : new RpcException(new Status(StatusCode.FailedPrecondition, $"the service stores no exposures: setting {ServingOptions.Section}:{nameof(options.Exposures)}:{nameof(options.Exposures.Store)} is None")));

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ExposureStoreException error)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, error.Message));
        }
        catch (ObjectDisposedException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the server is going down: try another one"));
        }
    }

    private static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));
}
