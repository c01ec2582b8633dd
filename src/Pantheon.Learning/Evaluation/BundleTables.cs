using Pantheon.Learning.Data;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Evaluation;

/// <summary>All that is measured of a bundle on some exposures, as tables.</summary>
public static class BundleTables
{
    /// <summary>Name of the bundle's own score in the tables.</summary>
    public const string OwnScore = "the bundle's score";

    private const double Percent = 100;

    // PAPERec cuts dwell times and does not say where. Ours: a minute, so that one long video does not outweigh a list.
    private const float LongestDwellSeconds = 60;

    private static readonly int[] s_cutoffs = [5, 10];

    /// <summary>GAUCs with intervals, the Pxtrs' figures, the score's figures, list metrics.</summary>
    /// <param name="data">From <see cref="BundleFeatures.Load"/>.</param>
    /// <param name="rows">Exposures, at least one.</param>
    /// <param name="scores">Theirs.</param>
    /// <param name="objectives">The bundle's objectives, those too that the log lacks.</param>
    /// <param name="title">What exposures they are.</param>
    public static IEnumerable<ReportBlock> Of(Dataset data, int[] rows, BundleScores scores, IReadOnlyList<string> objectives, string title)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(objectives);
        var exposures = new ScoredExposures(data, rows);
        var measured = Measured(data, scores, objectives);
        foreach (var block in EvaluationTables.Compare(exposures, measured, Fusions(scores), title))
        {
            yield return block;
        }

        if (measured.Count > 0)
        {
            yield return EvaluationTables.PerObjective(exposures, measured);
        }

        yield return Score(exposures, scores, objectives);
        yield return Summary(exposures, scores, measured);
        yield return Lists(data, rows, exposures, scores);
    }

    /// <summary>The Pxtrs of the objectives that the log has, in its order; none if the bundle has none.</summary>
    public static IReadOnlyList<float[]> Measured(Dataset data, BundleScores scores, IReadOnlyList<string> objectives)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(objectives);
        return [.. objectives.Zip(scores.Pxtrs).Where(pair => data.Schema.Objectives.Contains(pair.First)).Select(pair => pair.Second)];
    }

    /// <summary>Fusions that nothing was tuned for, and the bundle's score last; only that if it has no Pxtrs.</summary>
    public static IReadOnlyList<(string Name, float[] Scores)> Fusions(BundleScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return scores.Pxtrs.Length == 0 ? [(OwnScore, scores.Score)] :
        [
            ("product of (1 + p)", SimpleFusions.Product(scores.Pxtrs)),
            ("log-linear sum", SimpleFusions.LogLinear(scores.Pxtrs)),
            (OwnScore, scores.Score),
        ];
    }

    private static Table Score(ScoredExposures exposures, BundleScores scores, IReadOnlyList<string> objectives)
    {
        var gauc = Gauc.Compute(scores.Score, exposures.Labels);
        var auc = Auc.Each(scores.Score, exposures.Labels);
        // Also the objectives that the log lacks: a tau needs no label.
        var names = objectives.Count > 0 ? objectives : exposures.Objectives;
        return new Table(
            [
                new("objective"), new("AUC %") { Format = "0.00" }, new("GAUC %") { Format = "0.00" }, new("GAUC by positives %") { Format = "0.00" },
                new("tau with its Pxtr") { Format = "0.000" }, new("tau within users") { Format = "0.000" },
            ],
            [.. names.Select((name, objective) =>
            {
                var place = IndexOf(exposures.Objectives, name);
                var pxtr = objectives.Count > 0 ? scores.Pxtrs[objective] : null;
                return (IReadOnlyList<Cell>)[
                    name,
                    place < 0 ? double.NaN : Percent * auc[place],
                    place < 0 ? double.NaN : Percent * gauc[place],
                    place < 0 ? double.NaN : Percent * gauc.Objectives[place].PositivesWeighted,
                    pxtr is null ? double.NaN : KendallTau.Compute(pxtr, scores.Score),
                    pxtr is null ? double.NaN : KendallTau.ComputeGrouped(pxtr, scores.Score, exposures.Labels.Groups).Tau,
                ];
            })],
            "The score: how well it sorts each objective, and Kendall's tau-b of it and that objective's Pxtr, over all rows and within users (mean by rows)");
    }

    private static Table Summary(ScoredExposures exposures, BundleScores scores, IReadOnlyList<float[]> measured)
    {
        var (mean, std) = Moments(scores.Score);
        List<IReadOnlyList<Cell>> rows =
        [
            [OwnScore, Auc.Sum(scores.Score, exposures.Labels), Percent * Gauc.Compute(scores.Score, exposures.Labels).Mean, mean, std],
        ];
        if (measured.Count > 0)
        {
            var sum = measured.Select((pxtr, objective) => Auc.Compute(pxtr, exposures.Of(objective))).Sum();
            rows.Insert(0, ["Pxtrs, each on its own objective", sum, Percent * Gauc.ComputeEach(measured, exposures.Labels).Mean, "", ""]);
        }

        return new Table(
            [
                new("scoring"), new("AUC Sum") { Format = "0.0000" }, new("mean GAUC %") { Format = "0.00" },
                new("mean score") { Format = "0.#####", Alignment = ColumnAlignment.Right }, new("standard deviation") { Format = "0.#####", Alignment = ColumnAlignment.Right },
            ],
            rows,
            $"Over {exposures.Count:N0} exposures of {exposures.Labels.Groups.Users:N0} users and {exposures.Objectives.Count} objectives");
    }

    private static Table Lists(Dataset data, int[] rows, ScoredExposures exposures, BundleScores scores)
    {
        float[] dwell = data.Log.HasPlayTime ? [.. rows.Select(row => data.Log.PlayTimeMsOf(row) / 1000f)] : [];
        Column[] columns =
        [
            new("objective"), .. s_cutoffs.Select(cutoff => Percents($"HIT@{cutoff} %")), Percents("MAP %"), .. s_cutoffs.Select(cutoff => Percents($"nDCG@{cutoff} %")),
            .. s_cutoffs.Select(cutoff => new Column($"WHIT@{cutoff} s") { Format = "0.000" }), new("WMAP s") { Format = "0.000" }, Percents("users %"),
        ];
        return new Table(
            columns,
            [.. exposures.Objectives.Select((name, objective) =>
            {
                var report = ListMetrics.Compute(scores.Score, exposures.Of(objective), exposures.Labels.Groups, s_cutoffs, dwell, LongestDwellSeconds);
                return (IReadOnlyList<Cell>)[
                    name, .. report.Hit.Select(value => (Cell)(Percent * value)), Percent * report.Map, .. report.Ndcg.Select(value => (Cell)(Percent * value)),
                    .. report.WeightedHit.Select(value => (Cell)value), report.WeightedMap, Percent * report.Coverage,
                ];
            })],
            $"The score as a list for each user: all that the user was shown, a hit being an exposure that the objective came of. WHIT and WMAP count a hit's seconds of play, at most {LongestDwellSeconds:0}; users is the share with a hit");

        static Column Percents(string name) => new(name) { Format = "0.00" };
    }

    /// <summary>Mean and standard deviation of scores.</summary>
    public static (double Mean, double Std) Moments(ReadOnlySpan<float> scores)
    {
        var sum = 0.0;
        foreach (var score in scores)
        {
            sum += score;
        }

        var mean = sum / scores.Length;
        var squares = 0.0;
        foreach (var score in scores)
        {
            squares += (score - mean) * (score - mean);
        }

        return (mean, Math.Sqrt(squares / scores.Length));
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index] == name)
            {
                return index;
            }
        }

        return -1;
    }
}
