using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;

namespace Pantheon.Exposures.Stores;

/// <summary>
/// Keeps rankings and what was reported of them. Every call may be made at any time by any number of callers, may be repeated, and
/// throws <see cref="ExposureStoreException"/> when the store cannot do it. What a call has returned from is on disk.
/// </summary>
public interface IExposureStore : IAsyncDisposable
{
    /// <summary>What replicas and promoters share besides.</summary>
    public ISharedNotes Notes { get; }

    /// <summary>Stores rankings, all or none. One whose id is there already changes nothing.</summary>
    /// <returns>How many were not there.</returns>
    /// <exception cref="ArgumentException">A ranking that cannot be stored; none was.</exception>
    public Task<int> AppendAsync(IReadOnlyList<Ranking> rankings, CancellationToken cancellation = default);

    /// <summary>
    /// Stores reports, all or none, whether their rankings are there or not. A report that says of its ranking word for word what
    /// another said changes nothing; the time of the first stays.
    /// </summary>
    /// <returns>How many were not there.</returns>
    /// <exception cref="ArgumentException">A report that <see cref="FeedbackRules"/> does not let pass; none was stored.</exception>
    public Task<int> ReportAsync(IReadOnlyList<FeedbackReport> reports, CancellationToken cancellation = default);

    /// <summary>
    /// What was stored of a window's rankings before it closed, in the order of their ids. Reading closes: nothing that is stored later
    /// gets a time before <see cref="ExposureWindow.ClosedAt"/>, whatever the clocks of this or other replicas say, so that
    /// reading again gives the same, less what was deleted or trimmed, with more that is late.
    /// </summary>
    /// <exception cref="ArgumentException">The window closes in the future.</exception>
    public IAsyncEnumerable<ReportedRanking> ReadAsync(ExposureWindow window, CancellationToken cancellation = default);

    /// <summary>Deletes a user's rankings and all that was reported of them.</summary>
    public Task<Removed> DeleteUserAsync(string userKey, CancellationToken cancellation = default);

    /// <summary>Deletes all rankings, and reports of rankings, of the UTC days before the one that a time falls in.</summary>
    public Task<Removed> TrimAsync(DateTimeOffset before, CancellationToken cancellation = default);

    /// <summary>What is there. Counts every row, so it takes as long as reading an index.</summary>
    public Task<StoreStatistics> StatisticsAsync(CancellationToken cancellation = default);
}
