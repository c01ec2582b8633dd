using Pantheon.Bundles;
using Pantheon.Cli.Tests.Train;
using Pantheon.Learning.Policies;

namespace Pantheon.Cli.Tests.Ippo;

public sealed class IppoTests
{
    // Six days to warm up; the paper's bare rule, so that the few exposures promote something.
    private static readonly string s_config = TinyLog.Config.TrimEnd()[..^1] + """
          "ippo": { "warmup": "6.00:00:00", "window": "3.00:00:00", "policy": { "guard": "none", "burn_in_windows": 0 } },
        }
        """;

    [Fact]
    public void Ippo_StaleIncumbent_EndsWithJournalReportAndIfPromotedABundle()
    {
        using var place = new Workplace();
        var data = TinyLog.Write(place.PathOf("data"));

        var run = CliRun.Of(
            "ippo", "--data", data, "--config", place.Write("config.json", s_config), "--incumbent", "log-linear", "--incumbent-days", "2", "--model", "tiny",
            "--repository", place.PathOf("models"), "--out", place.PathOf("out")).Succeeded();

        var decisions = JsonLines.Read<IppoDecision>(Path.Combine(place.PathOf("out"), "journal.jsonl"));
        // Days 7 to 12 of train and three to validate on.
        Assert.Equal(3, decisions.Count);
        Assert.All(decisions, decision => Assert.Contains(decision.Window.Name, run.Output, StringComparison.Ordinal));
        Assert.Contains("log-linear formula over a ranking model of the first 2 days", run.Output, StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(place.PathOf("out"), "report.html")), StringComparison.Ordinal);
        Assert.Equal(decisions.Any(decision => decision.Action == IppoAction.Promote), Directory.Exists(place.PathOf("models")));
    }

    [Fact]
    public void Ippo_BundleAsIncumbent_IsScoredAndWhatBeatsItIsPublishedBesideIt()
    {
        using var place = new Workplace();
        var data = TinyLog.Write(place.PathOf("data"));
        var config = place.Write("config.json", s_config);
        // Trained one step only: whoever learns more beats it.
        var weak = place.Write("weak.json", s_config.Replace("\"epochs\": 3, \"rate\": 0.01", "\"epochs\": 1, \"rate\": 1e-9", StringComparison.Ordinal));
        CliRun.Of("train", "--data", data, "--config", weak, "--model", "tiny", "--repository", place.PathOf("models"), "--out", place.PathOf("weak")).Succeeded();

        var run = CliRun.Of(
            "ippo", "--data", data, "--config", config, "--incumbent", Path.Combine(place.PathOf("models"), "tiny"), "--model", "tiny",
            "--repository", place.PathOf("models"), "--out", place.PathOf("out")).Succeeded();

        Assert.Contains("tiny version 1", run.Output, StringComparison.Ordinal);
        var promoted = JsonLines.Read<IppoDecision>(Path.Combine(place.PathOf("out"), "journal.jsonl")).Any(decision => decision.Action == IppoAction.Promote);
        Assert.Equal(promoted ? [1, 2] : [1], new ModelRepository(place.PathOf("models")).Versions("tiny").Order());
        Assert.Equal(promoted, run.Output.Contains("Bundle:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--incumbent", "sum", "--incumbent: 'sum' came, expected product, log-linear or the directory of a bundle")]
    [InlineData("--incumbent-days", "0", "--incumbent-days: 0 came, expected 1 or more")]
    public void Ippo_WrongArguments_AreRefusedInOneLine(string option, string value, string expected)
    {
        using var place = new Workplace();
        var data = TinyLog.Write(place.PathOf("data"));

        var run = CliRun.Of("ippo", "--data", data, "--config", place.Write("config.json", s_config), option, value, "--out", place.PathOf("out"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ippo_JournalOfAnotherStream_IsNotWrittenInto()
    {
        using var place = new Workplace();
        Directory.CreateDirectory(place.PathOf("out"));
        File.WriteAllText(Path.Combine(place.PathOf("out"), "journal.jsonl"), "kept");

        var run = CliRun.Of("ippo", "--data", "nowhere", "--out", place.PathOf("out"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("exists", run.Error, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(place.PathOf("out"), "journal.jsonl")));
    }
}
