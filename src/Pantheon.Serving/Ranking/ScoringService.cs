using Grpc.Core;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Serving.Configuration;

namespace Pantheon.Serving.Ranking;

/// <summary>The Scoring service: deadlines and ownership on this side, ranking in the engine.</summary>
internal sealed class ScoringService(
    ScoringEngine engine, ServingOptions options, TimeProvider clock, Drain drain, ILogger<ScoringService> logger) : ScoringBase
{
    /// <inheritdoc/>
    public override async Task<RankReply> Rank(RankQuery query, ServerCallContext context)
    {
        var outcome = await engine.RankAsync(query, DeadlineOf(context), context.CancellationToken);
        if (outcome.Fault is not null)
        {
            throw RankStatus.ToException(outcome.Fault);
        }

        // The reply is written after this method returns, from the query's and the result's memory: both live until the
        // call is over, however it ends. The query was registered when it was decoded.
        context.GetHttpContext().Response.RegisterForDispose(outcome.Result!);
        return new RankReply(outcome.Result!);
    }

    /// <inheritdoc/>
    public override async Task RankStream(
        IAsyncStreamReader<RankQuery> requests, IServerStreamWriter<RankStreamReply> replies, ServerCallContext context)
    {
        using var call = new RankStreamCall(
            engine, options.MaxStreamConcurrency, clock, DeadlineOf(context), logger, context.CancellationToken, drain.Over);
        await call.RunAsync(requests, replies);
    }

    private long DeadlineOf(ServerCallContext context)
    {
        if (context.Deadline == DateTime.MaxValue)
        {
            return long.MaxValue;
        }

        // A day is as good as for ever, and safe from overflow.
        var seconds = Math.Min((context.Deadline - clock.GetUtcNow().UtcDateTime).TotalSeconds, TimeSpan.SecondsPerDay);
        return clock.GetTimestamp() + (long)(seconds * clock.TimestampFrequency);
    }
}
