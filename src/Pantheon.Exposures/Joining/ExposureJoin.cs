using System.Runtime.CompilerServices;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;

namespace Pantheon.Exposures.Joining;

/// <summary>
/// Makes rows of rankings and reports. Only an item that a report says was shown becomes one: an item that was merely returned is no
/// negative, and an outcome of an item that nobody says was shown is no positive.
/// </summary>
public sealed class ExposureJoin
{
    private readonly IExposureStore _store;
    private readonly JoinOptions _options;

    /// <exception cref="ArgumentException">The options are out of their ranges.</exception>
    public ExposureJoin(IExposureStore store, JoinOptions options)
    {
        options.Validate();
        (_store, _options) = (store, options);
    }

    /// <summary>A window's rows, in the order of ranking ids and then of ranks; the same at every reading.</summary>
    /// <exception cref="ArgumentException">The window closes in the future.</exception>
    /// <exception cref="ExposureStoreException">The store cannot be read.</exception>
    public async Task<JoinedWindow> ReadAsync(ExposureWindow window, CancellationToken cancellation = default)
    {
        List<Exposure> rows = [];
        var counts = new JoinCounts();
        await foreach (var row in StreamAsync(window, counts, cancellation).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        return new JoinedWindow(window, rows, counts);
    }

    /// <summary>As <see cref="ReadAsync"/>, without holding the rows; <paramref name="counts"/> is whole when the rows have ended.</summary>
    public async IAsyncEnumerable<Exposure> StreamAsync(
        ExposureWindow window, JoinCounts counts, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var reported in _store.ReadAsync(window, cancellation).ConfigureAwait(false))
        {
            foreach (var row in Join(reported, counts))
            {
                yield return row;
            }
        }
    }

    private List<Exposure> Join(ReportedRanking reported, JoinCounts counts)
    {
        List<Exposure> rows = [];
        counts.LateReports += reported.LateReports;
        counts.LateRankings += reported.LateRanking ? 1 : 0;
        if (reported.Ranking is not { } ranking)
        {
            counts.UnknownRankings += !reported.LateRanking && reported.Reports.Count > 0 ? 1 : 0;
            return rows;
        }

        counts.Rankings++;
        counts.RankingsWithFeedback += reported.Reports.Count > 0 ? 1 : 0;
        foreach (var (rank, item) in MergedItem.ByRank(reported.Reports.SelectMany(report => report.Items)))
        {
            if (rank >= ranking.Items.Count)
            {
                counts.BadRanks++;
            }
            else if (item.ShownPosition is { } position)
            {
                counts.ItemsShown++;
                rows.Add(new Exposure(ranking, rank, position, [.. _options.Labels.Select(rule => rule.IsPositive(item[rule.Outcome]) ? 1f : 0f)]));
            }
            else if (item.Outcomes.Any(outcome => outcome.Value > 0))
            {
                counts.OutcomesNotShown++;
            }
        }

        return rows;
    }
}
