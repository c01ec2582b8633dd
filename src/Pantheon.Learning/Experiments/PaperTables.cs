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
        IReadOnlyList<SeedResult> seeds, ScoredExposures test, IReadOnlyList<int> tables, IReadOnlyList<Fact> facts, IReadOnlyList<string> caveats, TrainingConfig config)
    {
        var names = seeds[0].Scorings.Select(scoring => scoring.Name).ToList();
        var aucs = names.ToDictionary(
            name => name, name => UserAucs.MeanOf([.. seeds.Select(seed => seed.Scorings.First(scoring => scoring.Name == name).Aucs)]), StringComparer.Ordinal);
        List<ReportBlock> blocks = [new Facts(facts), .. caveats.Select(caveat => new Paragraph(caveat))];
        if (tables.Contains(1))
        {
            blocks.AddRange(Comparison("Table 1: formula against Pantheon", [
                SeedResult.Ranking, SeedResult.UnitProduct, SeedResult.LogLinear, SeedResult.TunedProduct, SeedResult.TunedLogLinear,
                SeedResult.LinearSum, SeedResult.TunedLinear, Variants.TitleOf(Variants.Hidden), Variants.TitleOf(Variants.Personal),
            ]));
            blocks.AddRange(Front(seeds, aucs, test.Objectives));
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

    private static IReadOnlyList<ReportBlock> Front(IReadOnlyList<SeedResult> seeds, Dictionary<string, UserAucs> aucs, IReadOnlyList<string> objectives)
    {
        var formulas = seeds[0].Front.Keys.ToList();
        var gains = formulas.ToDictionary(
            formula => formula,
            formula => PairedBootstrap.Compare((formula, aucs[formula]), [(SeedResult.ChosenFor(formula), aucs[SeedResult.ChosenFor(formula)])]).Scorings[1],
            StringComparer.Ordinal);
        return
        [
            new Heading("Beyond fixed fusions"),
            new Table(
                [new("formula"), new("best worst-objective gain, points") { Format = "0.00" }, new("sd over seeds") { Format = "0.00" }],
                [.. formulas.Select(name => (IReadOnlyList<Cell>)[
                    name, Percent * seeds.Average(seed => seed.Front[name]), Percent * SeedDeviation.Of([.. seeds.Select(seed => seed.Front[name])]),
                ])],
                "The fixed-fusion front: over each formula, the most that any of the random fixed sums and products of powers of the same Pxtrs gains on every objective at once, chosen by looking at the test days"),
            new Table(
                [new("over"), .. objectives.Append("mean").Select(name => new Column(name) { Format = "0.00" }), new("chosen, seed by seed")],
                [.. formulas.Select(name => (IReadOnlyList<Cell>)[
                    name, .. gains[name].Gain.Append(gains[name].MeanGain).Select(value => (Cell)EvaluationTables.Of(value)), string.Join(", ", seeds.Select(seed => seed.Choices[name])),
                ])],
                "Gain in points of GAUC of the personal sum, out of four weightings, whose worst gain over the formula was highest on the days to validate on"),
            .. formulas.Select(name => GainVerdict.Of(name, gains[name])),
        ];
    }

    private static IReadOnlyList<ReportBlock> Dependence(IReadOnlyList<SeedResult> seeds, IReadOnlyList<string> objectives)
    {
        string[] chosen = [.. seeds[0].Front.Keys.Select(SeedResult.ChosenFor)];
        var shown = seeds[0].Scorings.Where(scoring => scoring.Tau.Length > 0).Select(scoring => scoring.Name).Except(chosen).ToList();
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
