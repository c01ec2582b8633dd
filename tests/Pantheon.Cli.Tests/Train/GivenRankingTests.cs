using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Cli.Tests.Train;

/// <summary>`pantheon train --ranking`: heads on a ranking model that PyTorch exported and nobody changes.</summary>
public sealed class GivenRankingTests : IDisposable
{
    private const string States = "t_click,t_view,/Relu_3_output_0";

    private const string Config = """
        {
          "model": { "heads": [{ "network": { "embedding_width": 4, "layers": [8] } }] },
          "training": { "batch_size": 128, "epochs": 3, "rate": 0.01, "warmup_steps": 0, "decay": "none", "threads": 1 },
        }
        """;

    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Train_OnAGivenModel_PublishesItWithAnotherScore()
    {
        var run = Train(GivenBundles.Ids(_place), States).Succeeded();

        var (theirs, ours) = (Open("ids"), Open("new"));
        CliRun.Of("bundle", "verify", ours.Directory).Succeeded();
        Assert.Equal(theirs.Manifest.Inputs.Select(input => input.Name), ours.Manifest.Inputs.Select(input => input.Name));
        Assert.Equal(theirs.Manifest.Objectives, ours.Manifest.Objectives);
        Assert.Equal(Vocabularies(theirs), Vocabularies(ours));
        Assert.Equal(3, ours.Goldens.Count);
        AssertPxtrs(theirs, ours, ["pxtr"]);
        Assert.True(File.Exists(Path.Combine(_place.Models, "new", "request.json")));
        // What it was before and what it is now, and of the whole what another command measures.
        var evaluation = CliRun.Of("evaluate", "--bundle", ours.Directory, "--data", Data).Succeeded();
        Assert.Equal(run.Row("Test days", "Pantheon head 'pantheon'"), evaluation.Row("Test days, all exposures", "the bundle's score"));
        evaluation = CliRun.Of("evaluate", "--bundle", theirs.Directory, "--data", Data).Succeeded();
        Assert.Equal(run.Row("Test days", "the bundle's score"), evaluation.Row("Test days, all exposures", "the bundle's score"));
        Assert.Equal(run.Table("Each objective's own Pxtr"), evaluation.Table("Each objective's own Pxtr"));
        var report = File.ReadAllText(Path.Combine(_place.PathOf("run"), "report.md"));
        Assert.Contains("ids version 1, as it is", report, StringComparison.Ordinal);
        Assert.DoesNotContain("tower_layers", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_OnAModelWithoutTheUser_AddsTheUsersIdToTheRequest()
    {
        Train(GivenBundles.Columns(_place), "t_click,t_view,t_like").Succeeded();

        var (theirs, ours) = (Open("columns"), Open("new"));
        CliRun.Of("bundle", "verify", ours.Directory).Succeeded();
        // The tab too, which only their score needed: callers send it.
        Assert.Equal(["tab", "video_id", "video_counts", "user_id"], ours.Manifest.Inputs.Select(input => input.Name));
        Assert.Equal("vocabularies/head/user_id.tsv", ours.Manifest.Inputs[^1].Vocabulary!.File);
        AssertPxtrs(theirs, ours, ["click", "view", "like"]);
        CliRun.Of("evaluate", "--bundle", ours.Directory, "--data", Data).Succeeded();

        // Nobody has to send what no head looks at.
        Train(theirs.Directory, "t_click", Config.Replace("\"embedding_width\": 4", "\"embedding_width\": 0", StringComparison.Ordinal)).Succeeded();
        Assert.Equal(theirs.Manifest.Inputs.Select(input => input.Name), Open("new").Manifest.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Train_OnABundleOfOurOwn_LeavesItsNamesToIt()
    {
        CliRun.Of(
            "train", "--data", Data, "--config", _place.Write("own.json", TinyLog.Config), "--model", "own", "--repository", _place.Models, "--out", _place.PathOf("own")).Succeeded();

        Train(Path.Combine(_place.Models, "own"), "ranking/tower/is_click/Relu_0,ranking/tower/is_like/Relu_0").Succeeded();
        AssertPxtrs(Open("own"), Open("new"), ["pxtr"]);
        // And once more on what came of that, with a head of the same name.
        Train(Path.Combine(_place.Models, "new"), "ranking/ranking/tower/is_click/Relu_0").Succeeded();
    }

    [Fact]
    public void Train_LogWithoutAnObjective_LearnsTheOthersAndServesAllPxtrs()
    {
        var log = TinyLog.Write(_place.PathOf("no-likes"));
        TinyLog.Drop(log, "is_like");

        var run = Train(GivenBundles.Repeated(_place), "t", Config, data: log).Succeeded();

        Assert.Contains("objectives of the bundle that the log lacks, and so cannot judge: is_like", run.Error, StringComparison.Ordinal);
        Assert.Equal(["is_click", "long_view", "is_like"], Open("new").Manifest.Objectives);
        AssertPxtrs(Open("repeated"), Open("new"), ["pxtr"]);
    }

    [Theory]
    [InlineData("""{ "network": { "input": "pxtrs", "layers": [8] } }""", null)]
    [InlineData("""{ "network": { "encoder": "transformer", "token_width": 8, "heads": 2 } }""", States)]
    [InlineData("""{ "network": { "embedding_width": 0, "layers": [8] }, "loss": "pairwise" }""", "t_click")]
    public void Train_EachKindOfHead_IsServed(string head, string? states)
    {
        var config = $$"""{ "model": { "heads": [{{head}}] }, "training": { "batch_size": 128, "epochs": 2, "order": "users", "threads": 1 } }""";

        Train(GivenBundles.Ids(_place), states, config).Succeeded();

        CliRun.Of("bundle", "verify", Path.Combine(_place.Models, "new")).Succeeded();
    }

    [Fact]
    public void Train_DataWithSignal_HeadsFindWhatTheirScoreDoesNot()
    {
        // Everybody likes odd videos. One head sees nothing of them but their states.
        var log = TinyLog.Write(_place.PathOf("planted"), (_, video) => video % 2);
        var config = """
            {
              "model": { "heads": [
                { "network": { "embedding_width": 8, "layers": [16] } },
                { "name": "states", "network": { "embedding_width": 0, "layers": [32] } },
              ] },
              "training": { "batch_size": 128, "epochs": 16, "rate": 0.01, "warmup_steps": 0, "threads": 1 },
            }
            """;

        var run = Train(GivenBundles.Ids(_place), States, config, data: log).Succeeded();

        var losses = run.Error.Split('\n').Where(line => line.StartsWith("step ", StringComparison.Ordinal))
            .Select(line => line.Split("loss ")[1].Split(';')[0].Split(" + ").Select(PrintedTables.Number).ToArray()).ToList();
        Assert.All((int[])[1, 2], head => Assert.True(losses[^1][head] < 0.95 * losses[0][head], $"the loss went from {losses[0][head]} to {losses[^1][head]}"));
        double Clicks(string score) => PrintedTables.Number(run.Row("Test days", score)[0]);
        Assert.True(
            Clicks("Pantheon head 'pantheon'") > Math.Max(65, 5 + Clicks("the bundle's score")),
            $"GAUC of is_click: {Clicks("Pantheon head 'pantheon'")} %, of their score {Clicks("the bundle's score")} %");
    }

    [Fact]
    public async Task Train_StoppedAndResumed_EndsWhereOneRunEnds()
    {
        var bundle = GivenBundles.Ids(_place);
        Train(bundle, States).Succeeded();
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new StoppingWriter("step 3/", stop);
        Assert.Equal(1, await PantheonCommand.RunAsync(Arguments(bundle, States, Config, "parts"), Terminal.Plain(output, error), stop.Token));
        Assert.Contains("--resume goes on from there", error.ToString(), StringComparison.Ordinal);

        var other = CliRun.Of([.. Arguments(bundle, "t_click", Config, "parts"), "--resume"]);
        var resumed = CliRun.Of([.. Arguments(bundle, States, Config, "parts"), "--resume"]).Succeeded();

        Assert.Contains("checkpoint.bin: of another training", other.Error, StringComparison.Ordinal);
        Assert.Contains("resuming at step ", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Open("new").ModelPath), File.ReadAllBytes(Open("parts").ModelPath));
    }

    [Theory]
    [InlineData("t_clik", "the graph has no value 't_clik', expected float [candidates,d]: t_click [candidates,6], ")]
    [InlineData("/Gather_output_0", "state '/Gather_output_0' is Int64 [], expected float [candidates,d]: ")]
    [InlineData("/Concat_output_0", "state '/Concat_output_0' is float [1,8] for 5 candidates and [1,8] for 7, expected float [candidates,d]: ")]
    [InlineData("score", "state 'score' is float [5] for 5 candidates and [7] for 7, expected float [candidates,d]: ")]
    public void Train_StateThatIsNone_IsRefusedWithWhatThereIs(string state, string problem) =>
        Assert.StartsWith($"train: {Path.Combine(_place.Models, "ids", "1")}: {problem}", Failure(Train(GivenBundles.Ids(_place), $"t_view,{state}")), StringComparison.Ordinal);

    [Fact]
    public void Train_GraphInWhichCandidatesSeeEachOther_IsRefused() => Assert.EndsWith(
        "from which heads learn: it gives other values to rows side by side than to each alone; expected one in which no candidate sees another",
        Failure(Train(GivenBundles.Listwise(_place), "t")), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "model": { "ranking": {} } }""", "model.ranking")]
    [InlineData("""{ "features": { "objectives": ["is_click"] } }""", "features.objectives")]
    public void Train_ConfigurationOfARankingModel_IsRefused(string config, string key) => Assert.EndsWith(
        $"config.json: {key}: came with a ranking model that is there already and settles it, expected no such key",
        Failure(Train(GivenBundles.Ids(_place), States, config)), StringComparison.Ordinal);

    [Fact]
    public void Train_PlainFile_IsWhatItsBundleWouldBe()
    {
        var fromBundle = Train(GivenBundles.Ids(_place), States).Succeeded();

        var fromFile = Train(Workplace.Fixture(Path.Combine("rankings", "ids.onnx")), States, more: GivenBundles.OfIds(_place)).Succeeded();

        static string[] Rows(CliRun run) => [.. run.Output.Split('\n').Where(line => line.StartsWith("Pantheon head", StringComparison.Ordinal))];
        Assert.NotEmpty(Rows(fromFile));
        Assert.Equal(Rows(fromBundle), Rows(fromFile));
    }

    [Fact]
    public void Train_PlainFileOfWhichNothingIsSaid_IsRefused() => Assert.StartsWith(
        $"train: --ranking: {Workplace.Fixture("plain.onnx")} is a file, expected --pxtr, --objectives and --candidates with it",
        Train(Workplace.Fixture("plain.onnx"), "mixed").Error, StringComparison.Ordinal);

    [Fact]
    public void Train_BundleOfWhichSomethingIsSaid_IsRefused() => Assert.Contains(
        "a bundle says so itself", Train(GivenBundles.Ids(_place), States, more: ["--pxtr", "pxtr"]).Error, StringComparison.Ordinal);

    [Fact]
    public void Train_BundleWithoutPxtrs_IsRefused()
    {
        _place.Create("plain").Succeeded();

        Assert.EndsWith("the bundle gives a score and no Pxtrs, expected a ranking model's", Failure(Train(Path.Combine(_place.Models, "toy"), "mixed")), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_HalfSaid_IsUsage()
    {
        Train(GivenBundles.Ids(_place), null)
            .FailedWith(2, "train: --states: none came, expected those that head 'pantheon' reads, or a configuration with its network.input pxtrs");
        CliRun.Of("train", "--data", Data, "--states", "t_click").FailedWith(2, "train: --states: without --ranking, expected the graph that has them");
    }

    private string Data => Directory.Exists(_place.PathOf("log")) ? _place.PathOf("log") : TinyLog.Write(_place.PathOf("log"));

    private static IEnumerable<FileEntry> Vocabularies(Bundle bundle) => bundle.Manifest.Files.Where(file => file.Name.StartsWith("vocabularies/", StringComparison.Ordinal));

    private static string Failure(CliRun run)
    {
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        return run.Error.TrimEnd('\n').Split('\n')[^1];
    }

    // Their own graph gives the very same bits for the same request.
    private static void AssertPxtrs(Bundle theirs, Bundle ours, string[] pxtrs)
    {
        using var before = GraphTrial.Load(theirs.ModelPath);
        using var after = GraphTrial.Load(ours.ModelPath);
        foreach (var golden in ours.Goldens)
        {
            var inputs = golden.Inputs.ToDictionary(
                input => input.Key, input => input.Value.Floats is { } floats ? TensorValue.Of(floats, input.Value.Shape) : TensorValue.Of(input.Value.Int64s!, input.Value.Shape));
            var expected = before.Run(inputs.Where(input => theirs.Manifest.Inputs.Any(spec => spec.Name == input.Key)).ToDictionary(), pxtrs);
            var given = after.Run(inputs, pxtrs);
            Assert.Equal(expected.Select(output => output.Floats), given.Select(output => output.Floats));
            Assert.Equal(expected.Select(output => output.Floats), pxtrs.Select(name => golden.Outputs[name].Floats));
        }
    }

    private Bundle Open(string model)
    {
        var repository = new ModelRepository(_place.Models);
        return repository.Open(model, repository.DefaultVersion(model));
    }

    private CliRun Train(string ranking, string? states, string config = Config, string? data = null, string[]? more = null) =>
        CliRun.Of([.. Arguments(ranking, states, config, "new", data), .. more ?? []]);

    private string[] Arguments(string ranking, string? states, string config, string model, string? data = null) =>
    [
        "train", "--ranking", ranking, .. states is null ? [] : (string[])["--states", states], "--data", data ?? Data, "--config", _place.Write("config.json", config),
        "--model", model, "--repository", _place.Models, "--out", _place.PathOf(model == "new" ? "run" : model),
    ];

    /// <summary>Ctrl-C as soon as a text is written.</summary>
    private sealed class StoppingWriter(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(text, StringComparison.Ordinal) ?? false)
            {
                stop.Cancel();
            }
        }
    }
}
