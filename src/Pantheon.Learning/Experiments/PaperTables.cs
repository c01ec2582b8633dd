using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Experiments;

/// <summary>Lays out what the seeds came to. Each figure is the mean over seeds; its interval is that of a bootstrap over users.</summary>
internal static class PaperTables
{
    private const double Percent = 100;

    public static Report Make(
        IReadOnlyList<SeedResult> seeds, ScoredExposures test, IReadOnlyList<int> tables, IReadOnlyList<Fact> facts, TrainingConfig config)
    {
        var names = seeds[0].Scorings.Select(scoring => scoring.Name).ToList();
        var aucs = names.ToDictionary(
            name => name, name => UserAucs.MeanOf([.. seeds.Select(seed => seed.Scorings.First(scoring => scoring.Name == name).Aucs)]), StringComparer.Ordinal);
        List<ReportBlock> blocks = [new Facts(facts)];
        if (tables.Contains(1))
        {
            blocks.AddRange(Comparison("Table 1: formula against Pantheon", [
                SeedResult.Ranking, SeedResult.UnitProduct, SeedResult.LogLinear, SeedResult.TunedProduct, SeedResult.TunedLogLinear,
                SeedResult.LinearSum, SeedResult.TunedLinear, Variants.TitleOf(Variants.Hidden),
            ]));
            blocks.Add(Front(seeds));
        }

        if (tables.Contains(3))
        {
            blocks.AddRange(Comparison("Table 3: input and encoder", [
                SeedResult.Ranking, SeedResult.UnitProduct, SeedResult.TunedProduct, SeedResult.TunedLinear, Variants.TitleOf(Variants.Pxtr),
                Variants.TitleOf(Variants.Hidden), Variants.TitleOf(Variants.Transformer),
            ]));
        }

        if (tables.Contains(6))
        {
            blocks.AddRange(Dependence(seeds, test.Objectives));
        }

        blocks.Add(new Heading("Tuned formulas"));
        blocks.Add(new CodeBlock(string.Join('\n', seeds.SelectMany((seed, index) => seed.Formulas.Select(formula => $"seed {index + 1}, {formula.Key}: {formula.Value}")))));
        blocks.Add(new Heading("Configuration"));
        blocks.Add(new CodeBlock(config.ToJson(), "json"));
        return new Report("Pantheon's offline comparisons", blocks);

        IReadOnlyList<ReportBlock> Comparison(string title, IReadOnlyList<string> shown)
        {
            string[] formulas = [SeedResult.UnitProduct, SeedResult.LogLinear, SeedResult.TunedProduct, SeedResult.TunedLogLinear];
            var learned = shown.Where(name => !formulas.Contains(name) && name != SeedResult.Ranking).ToList();
            var reports = formulas.Where(shown.Contains).ToDictionary(
                formula => formula,
                formula => PairedBootstrap.Compare((formula, aucs[formula]), [.. shown.Where(name => name != formula).Select(name => (name, aucs[name]))]),
                StringComparer.Ordinal);
            var first = reports.First().Value;
            Column[] columns = [new("score"), .. test.Objectives.Append("mean").Select(name => new Column(name) { Format = "0.00" }), new("sd over seeds") { Format = "0.00" }];
            List<ReportBlock> made = [
                new Heading(title),
                new Table(
                    columns,
                    [.. shown.Select(name =>
                    {
                        var scoring = first.Scorings.First(other => other.Name == name);
                        return (IReadOnlyList<Cell>)[name, .. scoring.Gauc.Append(scoring.Mean).Select(value => (Cell)EvaluationTables.Of(value)), Percent * Deviation(seeds, name)];
                    })],
                    $"{test.Count:N0} test exposures: GAUC in %, mean of {seeds.Count} seeds, with the half width of the 95 % interval over {test.Labels.Groups.Users:N0} users; sd of the mean GAUC over seeds"),
                GapClosure(shown, aucs, learned, formulas, test.Objectives),
            ];
            foreach (var (formula, report) in reports)
            {
                made.Add(new IntervalPlot(
                    $"{title}: gain over {formula}", "points of GAUC",
                    [.. test.Objectives.Select((name, objective) => new IntervalGroup(
                        name, [.. learned.Select(other => new IntervalPoint(other, EvaluationTables.Of(report.Scorings.First(scoring => scoring.Name == other).Gain[objective])))]))])
                { Format = "0.00" });
                made.AddRange(learned.Select(other => GainVerdict.Of(formula, report.Scorings.First(scoring => scoring.Name == other))));
            }

            return made;
        }
    }

    private static Table GapClosure(
        IReadOnlyList<string> shown, Dictionary<string, UserAucs> aucs, IReadOnlyList<string> learned, string[] formulas, IReadOnlyList<string> objectives)
    {
        var ceiling = aucs[SeedResult.Ranking].Table;
        return new Table(
            [new("gap closure, %"), new("over"), .. objectives.Select(name => new Column(name) { Format = "0" })],
            [.. formulas.Where(shown.Contains).SelectMany(formula => learned.Select(name => (IReadOnlyList<Cell>)[
                name, formula,
                .. objectives.Select((_, objective) => (Cell)(Percent * (aucs[name].Table[objective] - aucs[formula].Table[objective]) / (ceiling[objective] - aucs[formula].Table[objective]))),
            ]))],
            "(score - formula) / (ranking model - formula), of the GAUCs above");
    }

    private static Table Front(IReadOnlyList<SeedResult> seeds) => new(
        [new("formula"), new("best worst-objective gain, points") { Format = "0.00" }, new("sd over seeds") { Format = "0.00" }],
        [.. seeds[0].Front.Keys.Select(name => (IReadOnlyList<Cell>)[
            name, Percent * seeds.Average(seed => seed.Front[name]), Percent * SeedDeviation.Of([.. seeds.Select(seed => seed.Front[name])]),
        ])],
        "The fixed-fusion front: over each formula, the most that any of the random fixed sums and products of powers of the same Pxtrs gains on every objective at once");

    private static IReadOnlyList<ReportBlock> Dependence(IReadOnlyList<SeedResult> seeds, IReadOnlyList<string> objectives)
    {
        var shown = seeds[0].Scorings.Where(scoring => scoring.Tau.Length > 0).Select(scoring => scoring.Name).ToList();
        return
        [
            new Heading("Table 6: what the score follows"),
            new Table(
                [new("score"), .. objectives.Select(name => new Column(name) { Format = "0.000" })],
                [.. shown.Select(name => (IReadOnlyList<Cell>)[
                    name, .. objectives.Select((_, objective) => (Cell)seeds.Average(seed => seed.Scorings.First(scoring => scoring.Name == name).Tau[objective])),
                ])],
                "Kendall's tau-b between the score and each Pxtr, within a user, mean over users weighted by exposures"),
        ];
    }

    private static double Deviation(IReadOnlyList<SeedResult> seeds, string name) =>
        SeedDeviation.Of([.. seeds.Select(seed => seed.Scorings.First(scoring => scoring.Name == name).Aucs.Table.Mean)]);
}
