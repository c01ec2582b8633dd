using Pantheon.Cli.Tests.Train;

namespace Pantheon.Cli.Tests.Experiment;

public sealed class ExperimentTests
{
    [Fact]
    public void Experiment_All_WritesTheThreeTablesWithTheirVerdicts()
    {
        using var place = new Workplace();
        var data = TinyLog.Write(place.PathOf("data"));
        var output = place.PathOf("out");

        var run = CliRun.Of(
            "experiment", "all", "--data", data, "--config", place.Write("config.json", TinyLog.Config), "--seeds", "2", "--trials", "12", "--fusions", "4",
            "--out", output).Succeeded();

        foreach (var row in (string[])["Ranking model (ceiling)", "Formula, Eq. 3, tuned", "Linear sum, tuned", "Pxtr & MLP", "Hidden-State & MLP", "Hidden-State & Transformer"])
        {
            Assert.Contains($"\n{row} ", run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("best worst-objective gain", run.Output, StringComparison.Ordinal);
        Assert.Contains("Kendall's tau-b", run.Output, StringComparison.Ordinal);
        // With a few hundred exposures nothing is certain, and nothing is claimed.
        Assert.Contains("not better on all", run.Output, StringComparison.Ordinal);
        var report = File.ReadAllText(Path.Combine(output, "report.md"));
        Assert.Contains("Table 1", report, StringComparison.Ordinal);
        Assert.Contains("seed 2, Linear sum, tuned:", report, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(output, "report.html")));
    }

    [Fact]
    public void Experiment_Ranking_HoldsTheModelAgainstItsBaselinesAndSaysWhatLimitsIt()
    {
        using var place = new Workplace();
        var data = TinyLog.Write(place.PathOf("data"));
        var output = place.PathOf("out");

        var run = CliRun.Of(
            "experiment", "ranking", "--data", data, "--config", place.Write("config.json", TinyLog.Config), "--seeds", "2", "--curve-seeds", "2", "--out", output).Succeeded();

        foreach (var exposures in (string[])["All test exposures", "Without random exposures", "Random exposures alone"])
        {
            foreach (var row in (string[])["User mean rate", "Item mean rate", "User and item mean rates", "Factorisation machine", "Ranking model"])
            {
                Assert.Equal(5, run.Row($"{exposures}: GAUC", row).Length);
                Assert.Equal(4, run.Row($"{exposures}: AUC", row).Length);
            }

            // Some 200 exposures of 25 users are no large sample, and nothing is claimed.
            Assert.Contains($"{exposures}: a small sample.", run.Output, StringComparison.Ordinal);
            Assert.All(run.Row($"{exposures}: GAUC", "User mean rate").Take(3), cell => Assert.Equal("50.00", cell));
        }

        Assert.Equal(["last 3 days", "last 6 days", "all 11.9 days"], Steps("Days: GAUC"));
        Assert.Equal(["10 %", "25 %", "50 %", "100 %"], Steps("Shares: GAUC"));
        Assert.Contains("not better on all", run.Output, StringComparison.Ordinal);
        Assert.Contains("Shares: from 50 % to 100 %", run.Output, StringComparison.Ordinal);
        Assert.Contains("Last doubling:", run.Output, StringComparison.Ordinal);
        Assert.Contains("is_follow, is_comment, is_forward, is_profile_enter: of KuaiRand's objectives these are not measured", run.Output, StringComparison.Ordinal);
        var page = File.ReadAllText(Path.Combine(output, "report.html"));
        Assert.Contains("Mean GAUC by training exposures", page, StringComparison.Ordinal);

        IEnumerable<string> Steps(string caption) => run.Table(caption).Skip(2).Select(line => line.Split("  ")[0]);
    }

    [Fact]
    public void Experiment_RankingOnALogWithoutRandomExposures_SaysThatItHasNone()
    {
        using var place = new Workplace();
        var data = TinyLog.Write(place.PathOf("data"));
        TinyLog.Drop(data, "is_rand");

        var run = CliRun.Of(
            "experiment", "ranking", "--data", data, "--config", place.Write("config.json", TinyLog.Config), "--seeds", "1", "--out", place.PathOf("out")).Succeeded();

        Assert.Contains("None of the exposures to test on was drawn at random", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Random exposures alone", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table2", "--seeds", "1")]
    [InlineData("table1", "--seeds", "0")]
    [InlineData("table1", "--curve-seeds", "1")]
    [InlineData("ranking", "--trials", "10")]
    [InlineData("ranking", "--seeds", "1", "--curve-seeds", "2")]
    public void Experiment_WrongArguments_AreRefusedInOneLine(params string[] arguments)
    {
        var run = CliRun.Of(["experiment", .. arguments, "--data", "nowhere"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Experiment_NoSuchFolder_IsRefusedInOneLine()
    {
        var run = CliRun.Of("experiment", "table1", "--data", "nowhere");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("experiment: nowhere: no such folder; expected one with log_*.csv or log_*.csv.gz", run.Error.Trim());
    }
}
