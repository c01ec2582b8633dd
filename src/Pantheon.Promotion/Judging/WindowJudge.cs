using System.Globalization;
using Pantheon.Exposures.Joining;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Policies;

namespace Pantheon.Promotion;

/// <summary>Which exposures are judged on.</summary>
public enum JudgedExposures
{
    /// <summary>Those of requests whose answer was drawn at random: what the base would never have shown counts alike.</summary>
    Explored,

    /// <summary>All. There are more of them, and they favour the base, which chose most.</summary>
    All,
}

/// <summary>What a window had to judge on.</summary>
/// <param name="Shown">Items that were shown.</param>
/// <param name="Judged">Those of them that both contenders scored.</param>
/// <param name="NotDrawn">Left out: their answer was not drawn at random, and only such are judged on.</param>
/// <param name="WithoutFeatures">Left out: their request was not stored.</param>
/// <param name="NotScored">Left out: a contender could not score their request.</param>
public sealed record JudgedCounts(int Shown, int Judged, int NotDrawn, int WithoutFeatures, int NotScored);

/// <summary>
/// A window of live exposures as IPPO wants it (Pantheon section 3.2): both contenders score the requests as they were served, and their
/// GAUCs are compared by a bootstrap over users that is paired. Users are told apart by their key; requests without one are no user's.
/// </summary>
/// <param name="objectives">Names, in the order of the labels.</param>
/// <param name="exposures">Which exposures count.</param>
public sealed class WindowJudge(IReadOnlyList<string> objectives, JudgedExposures exposures)
{
    /// <summary>Judges a window. Its ranking GAUCs are not known here, and NaN.</summary>
    /// <exception cref="ArgumentException">The window has labels of another number of objectives.</exception>
    public (IppoWindow Window, JudgedCounts Counts) Judge(JoinedWindow window, Contender @base, Contender reference)
    {
        var (notDrawn, withoutFeatures, notScored) = (0, 0, 0);
        var (users, known) = (new List<int>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var (baseScores, referenceScores) = (new List<float>(), new List<float>());
        var labels = objectives.Select(_ => new List<byte>()).ToArray();
        foreach (var shown in window.Rows.GroupBy(row => row.Ranking.Id))
        {
            var rows = shown.ToList();
            var ranking = rows[0].Ranking;
            if (exposures == JudgedExposures.Explored && !ranking.Explored)
            {
                notDrawn += rows.Count;
            }
            else if (ranking.Features.IsEmpty || ranking.UserKey.Length == 0)
            {
                withoutFeatures += rows.Count;
            }
            else if (@base.Score(ranking) is not { } ofBase || reference.Score(ranking) is not { } ofReference)
            {
                notScored += rows.Count;
            }
            else
            {
                if (!known.TryGetValue(ranking.UserKey, out var user))
                {
                    known.Add(ranking.UserKey, user = known.Count);
                }

                foreach (var row in rows)
                {
                    users.Add(user);
                    baseScores.Add(ofBase[row.Item.Position]);
                    referenceScores.Add(ofReference[row.Item.Position]);
                    for (var objective = 0; objective < labels.Length; objective++)
                    {
                        labels[objective].Add((byte)row.Labels[objective]);
                    }
                }
            }
        }

        var counts = new JudgedCounts(window.Rows.Count, users.Count, notDrawn, withoutFeatures, notScored);
        return (Compare(objectives, NameOf(window.Window), users, labels, [.. baseScores], [.. referenceScores], null), counts);
    }

    /// <summary>Compares two scorings of the same rows.</summary>
    /// <param name="users">Of each row.</param>
    /// <param name="labels">0 or 1: [M][rows].</param>
    /// <param name="pxtrs">Of the ranking model: [M][rows]; null: not known.</param>
    internal static IppoWindow Compare(
        IReadOnlyList<string> objectives, string name, List<int> users, IReadOnlyList<byte>[] labels, float[] baseScores, float[] referenceScores, float[][]? pxtrs)
    {
        double[] nothing = [.. objectives.Select(_ => double.NaN)];
        if (users.Count == 0)
        {
            return new IppoWindow(name, 0, [.. objectives.Select(_ => 0)], nothing, nothing, nothing, nothing);
        }

        var packed = ObjectiveLabels.Of(UserGroups.Of([.. users]), [.. labels.Select(column => column.ToArray())], objectives);
        var report = PairedBootstrap.Compare(
            ("base", Gauc.PerUser(baseScores, packed)), [("reference", Gauc.PerUser(referenceScores, packed))]);
        return new IppoWindow(
            name,
            users.Count,
            [.. Enumerable.Range(0, objectives.Count).Select(packed.RetainedUsers)],
            [.. report.Scorings[0].Gauc.Select(gauc => gauc.Value)],
            [.. report.Scorings[1].Gauc.Select(gauc => gauc.Value)],
            pxtrs is null ? nothing : [.. Gauc.ComputeEach(pxtrs, packed).Objectives.Select(result => result.Gauc)],
            [.. report.Scorings[1].Gain.Select(gain => gain.StandardError)]);
    }

    /// <summary>A window's name in journals.</summary>
    internal static string NameOf(ExposureWindow window) =>
        string.Create(CultureInfo.InvariantCulture, $"{window.From:yyyy-MM-ddTHH:mm:ssZ}/{window.To - window.From:c}");
}
