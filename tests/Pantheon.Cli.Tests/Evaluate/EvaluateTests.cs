using Pantheon.Cli.Tests.Train;

namespace Pantheon.Cli.Tests.Evaluate;

[Collection(TrainedModelTests.Name)]
public sealed class EvaluateTests(TrainedModel trained)
{
    private const string Pxtrs = "Each objective's own Pxtr";

    [Fact]
    public void Evaluate_TestDays_AgreesWithTheTraining()
    {
        var run = Evaluate();

        // The training measured the networks; this is the bundle's graph, its vocabularies and what a gateway would send.
        Assert.Equal(trained.Run.Table(Pxtrs), run.Table(Pxtrs));
        const string All = "Test days, all exposures";
        Assert.Equal(trained.Run.Row("Test days", "Pantheon head 'pantheon'"), run.Row(All, "the bundle's score"));
        foreach (var scoring in new[] { "ranking model, each objective's own Pxtr", "product of (1 + p)", "log-linear sum" })
        {
            Assert.Equal(trained.Run.Row("Test days", scoring), run.Row(All, scoring));
        }
    }

    [Fact]
    public void Evaluate_OwnBundle_IsScoredInBatches() => Assert.DoesNotContain("one exposure at a time", Evaluate().Error, StringComparison.Ordinal);

    [Fact]
    public void Evaluate_LogWithRandomExposures_MeasuresThemApart()
    {
        var run = Evaluate();

        var all = Exposures(run, 0);
        Assert.Equal(200, all);
        Assert.Equal(all, Exposures(run, 1) + Exposures(run, 2));
        Assert.InRange(Exposures(run, 2), 1, 100);
        Assert.Contains("Test days, random exposures only", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_Score_HasTauAndListMetrics()
    {
        var run = Evaluate();

        var taus = run.Row("The score: how well", "is_click")[3..].Select(PrintedTables.Number).ToList();
        Assert.All(taus, tau => Assert.InRange(tau, -1, 1));
        var lists = run.Row("The score as a list", "is_click").Select(PrintedTables.Number).ToList();
        Assert.Equal(9, lists.Count);
        Assert.True(lists[0] < lists[1] && lists[5] < lists[6], "more is hit among ten than among five");
    }

    [Fact]
    public void Evaluate_Out_WritesTheReport()
    {
        var folder = trained.PathOf("evaluation");
        var run = Evaluate("--out", folder);

        Assert.Contains(Path.Combine(folder, "report.html"), run.Output, StringComparison.Ordinal);
        var page = File.ReadAllText(Path.Combine(folder, "report.md"));
        Assert.Contains("# Evaluation of tiny version 1", page, StringComparison.Ordinal);
        Assert.Contains("Without random exposures", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_AllDays_ScoresEveryExposure() => Assert.Equal(960, Exposures(Evaluate("--split", "all"), 0));

    [Fact]
    public void Evaluate_LogWithoutAnObjective_IsRefusedWhereItIsCounted()
    {
        var folder = TinyLog.Write(trained.PathOf("no-likes"));
        TinyLog.Drop(folder, "is_like");

        Fails(CliRun.Of("evaluate", "--bundle", trained.Bundle, "--data", folder),
            "evaluate: input 'user_counts' of the bundle counts every objective of the bundle, and the log has no is_like");
    }

    [Fact]
    public void Evaluate_LogWithoutTheVideoTable_NamesTheInput()
    {
        var folder = TinyLog.Write(trained.PathOf("no-videos"));
        File.Delete(Path.Combine(folder, "video_features_basic_tiny.csv"));

        var run = CliRun.Of("evaluate", "--bundle", trained.Bundle, "--data", folder);

        Assert.StartsWith(
            "evaluate: input 'recent_author_id' of the bundle is not among the features that this KuaiRand log gives: user_id, user_active_degree, ",
            Failure(run), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_BundleOfAnotherLog_NamesTheInput() => Assert.StartsWith(
        "evaluate: input 'user_dense' of the bundle is not among the features that this KuaiRand log gives: user_id, ",
        Failure(CliRun.Of("evaluate", "--bundle", Workplace.Shipped("kuairand"), "--data", trained.Data)), StringComparison.Ordinal);

    [Fact]
    public void Evaluate_TornBundle_IsRefused()
    {
        var torn = Directory.CreateDirectory(trained.PathOf("torn")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(trained.Bundle, "1"), "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(torn, Path.GetRelativePath(Path.Combine(trained.Bundle, "1"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to, overwrite: true);
        }

        var graph = Path.Combine(torn, "model.onnx");
        File.WriteAllBytes(graph, File.ReadAllBytes(graph)[..^100]);

        Assert.StartsWith($"evaluate: {torn}: model.onnx: ", Failure(CliRun.Of("evaluate", "--bundle", torn, "--data", trained.Data)), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_NoBundle_IsRefused() => CliRun.Of("evaluate", "--bundle", trained.PathOf("none"), "--data", trained.Data)
        .FailedWith(1, $"evaluate: {trained.PathOf("none")} is no directory, expected a version's or a model's");

    [Fact]
    public void Evaluate_UnknownSplit_IsUsage() => Assert.Equal(2, CliRun.Of("evaluate", "--bundle", trained.Bundle, "--data", trained.Data, "--split", "tomorrow").ExitCode);

    private static int Exposures(CliRun run, int part)
    {
        var captions = run.Output.Split('\n').Where(line => line.StartsWith("Over ", StringComparison.Ordinal)).ToList();
        return int.Parse(captions[part].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Fails(CliRun run, string line) => Assert.Equal(line, Failure(run));

    /// <summary>The last line: what comes before is progress.</summary>
    private static string Failure(CliRun run)
    {
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        return run.Error.TrimEnd('\n').Split('\n')[^1];
    }

    private CliRun Evaluate(params string[] more) =>
        CliRun.Of(["evaluate", "--bundle", trained.Bundle, "--data", trained.Data, .. more]).Succeeded();
}
