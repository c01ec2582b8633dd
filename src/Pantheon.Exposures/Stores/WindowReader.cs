using System.Runtime.CompilerServices;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Stores;

/// <summary>
/// Reads a window page by page, for both stores. No snapshot is held over the pages, which may take hours to be consumed: what is stored
/// before a closed window's end no longer grows.
/// </summary>
/// <param name="window">The window, closed.</param>
/// <param name="rankings">Rankings of ids in [from, to) in the order of ids, as many as are asked for.</param>
/// <param name="reports">Reports of rankings of ids in [from, to), in the order of ids and then of fingerprints.</param>
internal sealed class WindowReader(
    ExposureWindow window,
    Func<Guid, Guid, int, CancellationToken, Task<List<RankingRow>>> rankings,
    Func<Guid, Guid, CancellationToken, Task<List<ReportRow>>> reports)
{
    /// <summary>Rankings in a page; some megabytes where features are sampled.</summary>
    public const int Page = 512;

    private readonly long _closed = UnixMicroseconds.Of(window.ClosedAt);

    public async IAsyncEnumerable<ReportedRanking> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var end = RankingId.Floor(window.To);
        for (var from = RankingId.Floor(window.From); from != end;)
        {
            // One more than a page: its id is where the next begins, and where this page's reports end.
            var page = await rankings(from, end, Page + 1, cancellation).ConfigureAwait(false);
            var next = page.Count > Page ? page[Page].Id : end;
            if (next.CompareTo(from) <= 0)
            {
                throw BlobReader.Damaged("ids out of order");
            }

            var told = await reports(from, next, cancellation).ConfigureAwait(false);
            foreach (var reported in Merge(page, Math.Min(page.Count, Page), told))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return reported;
            }

            from = next;
        }
    }

    private IEnumerable<ReportedRanking> Merge(List<RankingRow> page, int count, List<ReportRow> told)
    {
        // Guids compare as both stores sort them: byte by byte, the first being the highest.
        var (ranking, report) = (0, 0);
        while (ranking < count || report < told.Count)
        {
            var id = ranking < count && (report == told.Count || page[ranking].Id.CompareTo(told[report].RankingId) <= 0)
                ? page[ranking].Id
                : told[report].RankingId;
            var first = report;
            while (report < told.Count && told[report].RankingId == id)
            {
                report++;
            }

            RankingRow? row = ranking < count && page[ranking].Id == id ? page[ranking++] : null;
            yield return Decode(id, row, told.GetRange(first, report - first));
        }
    }

    private ReportedRanking Decode(Guid id, RankingRow? row, List<ReportRow> told)
    {
        List<FeedbackReport> inTime = [];
        foreach (var report in told)
        {
            if (report.Received < _closed)
            {
                inTime.Add(FeedbackCodec.Decode(id, report.Body));
            }
        }

        var late = row is { } stored && stored.Stored >= _closed;
        var ranking = row is { } found && !late ? RankingCodec.Decode(id, found.UserKey, found.Body) : null;
        return new ReportedRanking(id, ranking, inTime, told.Count - inTime.Count, late);
    }
}
