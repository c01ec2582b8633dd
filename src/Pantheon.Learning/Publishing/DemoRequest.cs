using Pantheon.Learning.Data;

namespace Pantheon.Learning.Publishing;

/// <summary>
/// A request made of logged exposures: a user as of one exposure, and as candidates what that user was shown in the same period, each
/// with its counters as of its own exposure.
/// </summary>
/// <param name="User">The exposure that the user's features are taken from.</param>
/// <param name="Candidates">The exposures that the candidates' features are taken from, a different video each.</param>
public sealed record DemoRequest(int User, IReadOnlyList<int> Candidates)
{
    /// <summary>The users with the most exposures of a period, as many as asked for.</summary>
    /// <param name="maximum">Most candidates in a request.</param>
    public static IReadOnlyList<DemoRequest> Of(Dataset data, RowRange range, int requests, int maximum = 300)
    {
        ArgumentNullException.ThrowIfNull(data);
        return [.. Enumerable.Range(range.Start, range.Count)
            .GroupBy(row => data.UserIndex[row])
            .OrderByDescending(rows => rows.Count()).ThenBy(rows => rows.Key)
            .Take(requests)
            .Select(rows => new DemoRequest(rows.First(), [.. rows.DistinctBy(data.VideoId).Take(maximum)]))];
    }
}
