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

    [Theory]
    [InlineData("table2", "--seeds", "1")]
    [InlineData("table1", "--seeds", "0")]
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
