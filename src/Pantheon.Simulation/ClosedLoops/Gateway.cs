using Grpc.Core;
using Pantheon.Contracts.V1;
using ScoringClient = Pantheon.Contracts.V1.Scoring.ScoringClient;

namespace Pantheon.Simulation.ClosedLoops;

/// <summary>A visit's answer, the feed made of it, and what came of that.</summary>
internal sealed record Visit(AudienceRequest Request, RankResponse Answer, FeedItem[] Feed, Outcome[] Outcomes);

/// <summary>The world's gateway: asks for rooms, mixes them with short videos, shows the feed, reports what was seen.</summary>
internal sealed class Gateway(World world, LoopOptions options, ScoringClient scoring, Feedback.FeedbackClient feedback)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>One visit, from request to report.</summary>
    /// <exception cref="RpcException">A call failed.</exception>
    public async Task<Visit> ServeAsync(int day, int number, CancellationToken cancellation)
    {
        var request = world.Request(day, number);
        var answer = await RankAsync(request, version: 0, cancellation).ConfigureAwait(false);
        var visit = Show(request, answer);
        // Whoever left before the first room has seen none.
        if (answer.RankingId.Length > 0 && Report(visit) is { Reports: [{ Items.Count: > 0 }] } report)
        {
            await feedback.ReportAsync(report, deadline: DateTime.UtcNow + s_deadline, cancellationToken: cancellation);
        }

        return visit;
    }

    /// <summary>Asks for rooms.</summary>
    /// <param name="version">A version that is pinned; 0: whichever serves.</param>
    /// <param name="all">Whether all rooms are wanted, with their Pxtrs.</param>
    public async Task<RankResponse> RankAsync(AudienceRequest visit, long version, CancellationToken cancellation, bool all = false)
    {
        var request = AudienceFeatures.Request(visit, options.Model, options.Top);
        request.Version = version;
        (request.Output.All, request.Output.Pxtrs) = (all, all);
        return await scoring.RankAsync(request, deadline: DateTime.UtcNow + s_deadline, cancellationToken: cancellation);
    }

    /// <summary>Makes the feed and shows it.</summary>
    public Visit Show(AudienceRequest request, RankResponse answer)
    {
        var feed = Feed(request, answer, raw: false);
        return new Visit(request, answer, feed, world.Feedback(request, feed));
    }

    /// <summary>The feed of an answer.</summary>
    /// <param name="raw">By scores as the graph gave them, uncalibrated: what would have been shown.</param>
    public FeedItem[] Feed(AudienceRequest request, RankResponse answer, bool raw)
    {
        // What was drawn is shown as it was drawn: sorted with the videos it would be ranked again.
        var feed = answer.Explored
            ? MixedFeed.Of([.. answer.Items.Select((_, rank) => -(double)rank)], options.Slots)
            : MixedFeed.Of([.. answer.Items.Select(item => (double)(raw ? item.RawScore : item.Score))], world.ShortVideos(request, options.Videos), options.Slots);
        return [.. feed.Select(item => item.IsLive ? item with { Index = answer.Items[item.Index].Position } : item)];
    }

    private static ReportRequest Report(Visit visit)
    {
        var ranks = visit.Answer.Items.Select((item, rank) => (item.Position, rank)).ToDictionary(pair => pair.Position, pair => pair.rank);
        var report = new FeedbackReport { RankingId = visit.Answer.RankingId };
        for (var position = 0; position < visit.Feed.Length && visit.Outcomes[position].Seen; position++)
        {
            if (!visit.Feed[position].IsLive)
            {
                continue;
            }

            var item = new ItemFeedback { Rank = ranks[visit.Feed[position].Index], ShownPosition = position };
            for (var objective = 0; objective < Objectives.Names.Count; objective++)
            {
                if (visit.Outcomes[position].Has(objective))
                {
                    item.Outcomes.Add(Objectives.Names[objective], 1);
                }
            }

            report.Items.Add(item);
        }

        return new ReportRequest { Reports = { report } };
    }
}
