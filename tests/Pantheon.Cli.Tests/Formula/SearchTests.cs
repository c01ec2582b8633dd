using Pantheon.Bundles;
using Pantheon.Cli.Tests.Train;

namespace Pantheon.Cli.Tests.Formula;

[Collection(TrainedModelTests.Name)]
public sealed class SearchTests(TrainedModel trained)
{
    private const string Found = "the formula that was found";
    private const string Validate = "On the days to validate on";

    [Theory]
    [InlineData("one-plus-product", "(1 + is_click)^")]
    [InlineData("power-product", "max(is_click, 1E-08)^")]
    [InlineData("log-linear", "log(max(is_click, 1E-08))")]
    [InlineData("linear", " * is_click + ")]
    public void Search_EachFamily_PublishesWhatItJudged(string family, string form)
    {
        var model = $"formula-{family}";
        var run = Search("--family", family, "--model", model, "--metric", "is_click=2,long_view=5").Succeeded();

        Assert.True(Metric(run, Validate, Found) >= Metric(run, Validate, "product of (1 + p)") - 0.02, "a search begins where no objective has more say than another");
        var bundle = new ModelRepository(trained.Models).Open(model, 1);
        Assert.Contains(form, bundle.Manifest.Lineage.Formula, StringComparison.Ordinal);
        Assert.Equal(3, bundle.Goldens.Count);
        CliRun.Of("bundle", "verify", bundle.Directory).Succeeded();
        // The published graph's score, measured anew, against the formula in this process.
        var evaluation = CliRun.Of("evaluate", "--bundle", bundle.Directory, "--data", trained.Data).Succeeded();
        Assert.Equal(run.Row("On the days to test on: GAUC in %", Found), evaluation.Row("Test days, all exposures", "the bundle's score"));
    }

    [Fact]
    public void Search_PublishedBundle_IsTheBaseButForItsScore()
    {
        Search("--model", "kin").Succeeded();

        var repository = new ModelRepository(trained.Models);
        var (own, kin) = (repository.Open("tiny", 1), repository.Open("kin", 1));
        Assert.Equal(own.Manifest.Inputs.Select(input => input.Name), kin.Manifest.Inputs.Select(input => input.Name));
        Assert.Equal(own.Manifest.Objectives, kin.Manifest.Objectives);
        Assert.Equal(own.Manifest.Calibration!.Baseline, kin.Manifest.Calibration!.Baseline);
        Assert.NotEqual(own.Manifest.Calibration.Own, kin.Manifest.Calibration.Own);
        Assert.Equal(own.Manifest.Files.Where(file => file.Name.StartsWith("vocabularies/", StringComparison.Ordinal)), kin.Manifest.Files.Where(file => file.Name.StartsWith("vocabularies/", StringComparison.Ordinal)));
        Assert.Equal(own.Goldens[0].Outputs["pxtr"].Floats, kin.Goldens[0].Outputs["pxtr"].Floats);
        // The head that nobody reads any more is gone.
        Assert.True(new FileInfo(kin.ModelPath).Length < new FileInfo(own.ModelPath).Length);
    }

    [Fact]
    public void Search_FormulaBundleAsBase_IsSearchedAgain()
    {
        Search("--model", "first").Succeeded();

        CliRun.Of(
            "formula", "search", "--bundle", Path.Combine(trained.Models, "first"), "--data", trained.Data, "--trials", "5", "--family", "linear",
            "--model", "second", "--repository", trained.Models).Succeeded();

        CliRun.Of("bundle", "verify", Path.Combine(trained.Models, "second")).Succeeded();
    }

    [Fact]
    public void Search_ResumedJournal_EndsWhereOneRunEnds()
    {
        var (whole, parts) = (trained.PathOf("whole.jsonl"), trained.PathOf("parts.jsonl"));
        var once = Search("--model", "once", "--trials", "40", "--journal", whole).Succeeded();
        Search("--model", "twice", "--trials", "25", "--journal", parts).Succeeded();

        var twice = Search("--model", "twice", "--trials", "40", "--journal", parts, "--resume").Succeeded();

        Assert.Equal(Formula(once), Formula(twice));
        Assert.Equal(File.ReadAllText(whole), File.ReadAllText(parts));
    }

    [Fact]
    public void Search_JournalOfAnotherMetric_IsNotGoneOnWith()
    {
        var journal = trained.PathOf("clicks.jsonl");
        Search("--model", "clicks", "--trials", "3", "--journal", journal, "--metric", "is_click=1").Succeeded();

        var run = Search("--model", "clicks", "--trials", "6", "--journal", journal, "--resume");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is another study's journal", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_JournalThatExists_IsNotGoneOnWithUnasked()
    {
        var journal = trained.PathOf("there.jsonl");
        File.WriteAllText(journal, "");

        Search("--journal", journal).FailedWith(1, $"formula search: {journal}: exists; expected --resume to go on from it, or another file");
    }

    [Fact]
    public void Search_MetricOfAnUnknownObjective_IsUsage()
    {
        var run = Search("--metric", "is_clock=2");

        Assert.Equal(2, run.ExitCode);
        Assert.EndsWith(
            "formula search: --metric: 'is_clock' is no objective that bundle and log have, expected some of is_click, long_view, is_like\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--metric", "is_click", "formula search: --metric: got 'is_click', expected objective=weight such as is_click=2, weights of 0 or more")]
    [InlineData("--metric", "is_click=0", "formula search: --metric: every weight is 0, expected one above it")]
    [InlineData("--trials", "0", "formula search: --trials: got '0', expected 1 or more")]
    public void Search_ValueThatIsNone_IsUsage(string option, string value, string line) => Search(option, value).FailedWith(2, line);

    private static double Metric(CliRun run, string caption, string scoring) => PrintedTables.Number(run.Row(caption, scoring)[0]);

    private static string Formula(CliRun run) => run.Output.Split('\n').Single(line => line.StartsWith("Formula: ", StringComparison.Ordinal));

    private CliRun Search(params string[] more) => CliRun.Of(
    [
        "formula", "search", "--bundle", trained.Bundle, "--data", trained.Data, "--repository", trained.Models,
        .. more.Contains("--trials") ? [] : (string[])["--trials", "30"], .. more,
    ]);
}
