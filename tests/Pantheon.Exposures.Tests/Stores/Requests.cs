using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>
/// What the stated bytes per request are measured on: 10 returned items of 500 candidates, ids of up to 24 bits and users of 8 digits as
/// KuaiRand has them, a UUID for a request id, no features.
/// </summary>
internal static class Requests
{
    public static IEnumerable<IReadOnlyList<Ranking>> TenThousand()
    {
        var random = new Random(1);
        foreach (var chunk in Enumerable.Range(0, 10_000).Chunk(500))
        {
            yield return [.. chunk.Select(index => Sample.Ranking(Sample.Noon.AddMilliseconds(10 * index), $"{random.Next(10_000_000, 99_999_999)}") with
            {
                RequestId = Guid.NewGuid().ToString(),
                Items = [.. Enumerable.Range(0, 10).Select(_ => new RankedExposure(random.Next(500), random.Next(1 << 24), random.NextSingle()))],
            })];
        }
    }

    /// <summary>Five items shown, the second clicked and watched.</summary>
    public static FeedbackReport Feedback(Ranking ranking) => new(
        ranking.Id,
        [.. Sample.Shown(ranking, 0, 1, 2, 3, 4).Items, .. Sample.Report(ranking, 1, 1, ("click", 1), ("play_seconds", 31.5)).Items]);
}
