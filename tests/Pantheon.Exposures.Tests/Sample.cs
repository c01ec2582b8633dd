using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Tests;

/// <summary>Rankings and reports to test with.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Noon = new(2024, 7, 25, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Noon to one o'clock, closed half an hour later.</summary>
    public static readonly ExposureWindow Window = new(Noon, Noon.AddHours(1), Noon.AddHours(1.5));

    public static readonly JoinOptions Join = new() { Labels = [new LabelRule("ctr", "click"), new LabelRule("lvtr", "play_seconds", 18)] };

    public const string Digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static Ranking Ranking(DateTimeOffset? at = null, string user = "user-1", int items = 3, string request = "r") => new()
    {
        Id = RankingId.New(at ?? Noon),
        RequestId = request,
        UserKey = user,
        Scenario = "feed",
        Model = "kuairand",
        Version = 7,
        Digest = Digest,
        Arm = RankingArm.Base,
        Candidates = 500,
        Items = [.. Enumerable.Range(0, items).Select(rank => new RankedExposure(3 * rank, 1000 + rank, 1f / (rank + 1)))],
    };

    public static FeedbackReport Shown(Ranking ranking, params int[] ranks) =>
        new(ranking.Id, [.. ranks.Select(rank => new ItemFeedback(rank, rank, new Dictionary<string, double>()))]);

    public static FeedbackReport Report(Ranking ranking, int rank, int? shown, params (string Name, double Value)[] outcomes) =>
        new(ranking.Id, [new ItemFeedback(rank, shown, outcomes.ToDictionary(outcome => outcome.Name, outcome => outcome.Value))]);

    /// <summary>A ranking's every field but its features, as one text: two are the same if and only if these are.</summary>
    public static string Text(Ranking ranking) =>
        $"{ranking.Id} {ranking.UserKey} {Convert.ToHexString(RankingCodec.Encode(ranking, new BlobWriter()))}";

    public static string Text(JoinedWindow joined) => string.Join(
        '\n', joined.Rows.Select(row => $"{Text(row.Ranking)} {row.Rank} {row.ShownPosition} {row.Item} {string.Join(',', row.Labels)}"));
}
