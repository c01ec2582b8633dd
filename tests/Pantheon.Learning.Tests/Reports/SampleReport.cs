using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

internal static class SampleReport
{
    /// <summary>What every writer must not take for markup.</summary>
    public const string Nasty = "a|b <i>&amp; \"q\" 'r' `c` *s* _u_ [x](y) \\ # 1. is_click </svg></style>]]> é 漢 ±";

    /// <summary>A block of every kind, small enough to be read as text.</summary>
    public static Report Small { get; } = new("Small report",
    [
        new Facts([new Fact("command", "./measure.sh small | tee log", IsCode: true), new Fact("seed", "7")]),
        new Heading("Result"),
        new Paragraph("Two methods,\ntwo objectives."),
        new Table(
            [
                new Column("method"),
                new Column("is_click") { Format = "0.00", Best = BestValue.Highest },
                new Column("long_view") { Format = "0.00", Best = BestValue.Highest, Interval = IntervalForm.Ends },
                new Column("loss") { Format = "0.000", Best = BestValue.Lowest },
            ],
            [
                ["formula", Estimate.PlusMinus(71.93, 0.08), new Estimate(66.5, 66.1, 67), 0.3312],
                ["Pantheon", Estimate.PlusMinus(72.041, 0.09), double.NaN, 0.3308],
                ["HarmonRank", Estimate.PlusMinus(72.039, 0.1), new Estimate(66.4, 66, 66.9), 0.35],
            ],
            "Test GAUC in percent."),
        new LinePlot("Loss by step", "step", "log loss",
        [
            new Series("train", [0, 100, 200, 300], [0.7, 0.5, double.NaN, 0.35]),
            new Series("validation", [0, 150, 300], [0.71, 0.52, 0.4]) { Low = [0.69, 0.5, 0.38], High = [0.73, 0.54, 0.42] },
        ]) { Caption = "One batch had no loss." },
        new IntervalPlot("Difference to the formula", "GAUC points",
        [
            new IntervalGroup("is_click", [new IntervalPoint("Pantheon", Estimate.PlusMinus(0.11, 0.05)), new IntervalPoint("HarmonRank", new Estimate(0.1))]),
            new IntervalGroup("long_view", [new IntervalPoint("Pantheon", new Estimate(double.NaN)), new IntervalPoint("HarmonRank", Estimate.PlusMinus(-0.1, 0.2))]),
        ]) { Format = "+0.00;-0.00;0.00" },
        new BarPlot("Time", "seconds", ["Pure", "1K"],
            [new BarSeries("Pantheon", [Estimate.PlusMinus(12, 1.5), new Estimate(110)]), new BarSeries("HarmonRank", [new Estimate(17), new Estimate(double.NaN)])]),
        new CodeBlock("{ \"batch\": 1024 }", "json"),
    ]);

    /// <summary>The nasty text wherever a text may stand.</summary>
    public static Report NastyEverywhere { get; } = new(Nasty,
    [
        new Facts([new Fact(Nasty, Nasty, IsCode: true), new Fact(Nasty, Nasty)]),
        new Heading(Nasty),
        new Paragraph(Nasty),
        new Table([new Column(Nasty)], [[Nasty]], Nasty),
        new LinePlot(Nasty, Nasty, Nasty, [new Series(Nasty, [0, 1], [0, 1]), new Series(Nasty, [0, 1], [1, 2])]) { Caption = Nasty },
        new IntervalPlot(Nasty, Nasty, [new IntervalGroup(Nasty, [new IntervalPoint(Nasty, new Estimate(1))])]) { Caption = Nasty },
        new BarPlot(Nasty, Nasty, [Nasty], [new BarSeries(Nasty, [new Estimate(1)]), new BarSeries(Nasty, [new Estimate(1)])]) { Caption = Nasty },
        new CodeBlock(Nasty),
    ]);
}
