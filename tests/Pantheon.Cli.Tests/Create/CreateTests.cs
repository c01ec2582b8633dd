using Pantheon.Bundles;

namespace Pantheon.Cli.Tests.Create;

public sealed class CreateTests : IDisposable
{
    private static readonly string[] Pxtrs = ["--pxtr", "pxtr", "--objectives", "click,like"];

    private readonly Workplace _place = new();

    [Fact]
    public void Create_PlainGraph_SaysWhatItFound()
    {
        var run = _place.Create("plain", [.. Pxtrs, "--own", "0.5,0.1", "--baseline", "0.3,0.2", "--scenario", "feed=0.4,0.1,0.3,0.1"]).Succeeded();

        AssertRow(run, "user_id", "int64", "[1]", "user", "once, broadcast by the graph", "0 to 4");
        AssertRow(run, "item_id", "int64", "[candidates]", "candidate", "for each candidate", "0 to 8");
        AssertRow(run, "item_dense", "float", "[candidates, 2]", "candidate", "for each candidate");
        AssertRow(run, "pxtr", "[candidates, 2]", "the Pxtrs, a column for each objective");
        AssertRow(run, "objectives", "click, like");
        AssertRow(run, "calibration", "mean 0.5, std 0.1 to mean 0.3, std 0.2, and 1 scenarios: feed");
        AssertRow(run, "goldens", "3 requests of 7, 64, 300 candidates, worst difference 0.0e+0 (self-made");
        var bundle = new ModelRepository(_place.Models).Open("toy", 1);
        AssertRow(run, "digest", bundle.Digest);
        Assert.Equal(0.4, bundle.Manifest.Calibration!.Scenarios["feed"].Own.Mean);
        Assert.Contains("not that they are those of the framework", bundle.Manifest.Lineage.GoldenProvenance, StringComparison.Ordinal);
        Assert.Equal("plain.onnx", bundle.Manifest.Lineage.Source!.Name);
        Assert.Equal("fixtures", bundle.Manifest.Lineage.Producer);
    }

    [Fact]
    public void Create_DemoAgain_IsTheShippedBundle()
    {
        var shipped = new ModelRepository(Workplace.Shipped()).Open("kuairand", 1);
        var calibration = shipped.Manifest.Calibration!;
        CliRun.Of(
            "bundle", "create", "--onnx", shipped.ModelPath, "--model", "kuairand", "--repository", _place.Models, "--pxtr", "pxtr",
            "--objectives", string.Join(',', shipped.Manifest.Objectives), "--user", "user_id,user_dense", "--candidates", "item_id,item_dense",
            "--golden", Path.Combine(shipped.Directory, GoldenFile.Name),
            "--vocabulary", $"user_id={Path.Combine(shipped.Directory, "vocabularies/user_id.tsv")}",
            "--vocabulary", $"item_id={Path.Combine(shipped.Directory, "vocabularies/item_id.tsv")}",
            "--own", $"{calibration.Own.Mean:R},{calibration.Own.Std:R}", "--baseline", $"{calibration.Baseline.Mean:R},{calibration.Baseline.Std:R}").Succeeded();

        var again = new ModelRepository(_place.Models).Open("kuairand", 1);
        Assert.Equal(shipped.Manifest.Files, again.Manifest.Files);
        Assert.Equivalent(shipped.Manifest.Inputs, again.Manifest.Inputs);
        Assert.Equivalent(shipped.Manifest.Outputs, again.Manifest.Outputs);
        Assert.Equal((calibration.Own, calibration.Baseline), (again.Manifest.Calibration!.Own, again.Manifest.Calibration.Baseline));
    }

    [Fact]
    public void Create_Twice_TakesTheNextVersion()
    {
        _place.Create("plain", Pxtrs).Succeeded();
        _place.Create("plain", Pxtrs).Succeeded();

        Assert.Equal([1, 2], new ModelRepository(_place.Models).Versions("toy"));
    }

    [Fact]
    public void Create_ExistingVersion_IsRefused()
    {
        _place.Create("plain", [.. Pxtrs, "--version", "7"]).Succeeded();

        var target = Path.Combine(_place.Models, "toy", "7");
        _place.Create("plain", [.. Pxtrs, "--version", "7"])
            .FailedWith(1, $"bundle create: {target} exists: a published version is never overwritten");
    }

    [Theory]
    [InlineData("tiled", "once, tiled by the service", "[candidates, 2]")]
    [InlineData("tiled_by_symbol", "once, tiled by the service", "[candidates, 2]")]
    [InlineData("open_user", "once, broadcast by the graph", "[1, 2]")]
    public void Create_OpenUserInput_IsTiledIfTheGraphFailsOnOneRow(string fixture, string given, string shape)
    {
        var run = _place.Create(fixture, Pxtrs).Succeeded();

        AssertRow(run, "user_dense", "float", shape, "user", given);
    }

    [Fact]
    public void Create_Formula_AppendsTheFusion()
    {
        const string Formula = "(1+click)^1.0 * (1+like)^0.5";
        var run = _place.Create("no_score", [.. Pxtrs, "--formula", Formula]).Succeeded();

        AssertRow(run, "formula", Formula);
        var bundle = new ModelRepository(_place.Models).Open("toy", 1);
        Assert.Equal(Formula, bundle.Manifest.Lineage.Formula);
        var golden = bundle.Goldens[0].Outputs;
        var pxtr = golden["pxtr"].Floats!;
        for (var i = 0; i < bundle.Goldens[0].Candidates; i++)
        {
            Assert.Equal((1 + (double)pxtr[2 * i]) * Math.Sqrt(1 + (double)pxtr[(2 * i) + 1]), golden["score"].Floats![i], 1e-6);
        }
    }

    [Fact]
    public void Create_NoScoreAndNoFormula_SuggestsOne() => Refused(
        _place.Create("no_score", Pxtrs),
        "the graph has no output 'score' for the score; it has pxtr (Float [n,2]): name it with --score, or append a fusion of its Pxtrs with --formula, such as --formula \"(1+click)^1.0 * (1+like)^0.5\"");

    [Fact]
    public void Create_UndecidedRange_IsListedWithItsReason()
    {
        var run = _place.Create("undecided", Pxtrs).Succeeded();

        AssertRow(run, "item_id", "undecided");
        Assert.Contains(run.Output.Split('\n'), line => line.StartsWith(" note: item_id goes through Add", StringComparison.Ordinal)
            && line.Contains("--range item_id=MIN:MAX", StringComparison.Ordinal));
    }

    [Fact]
    public void Create_RangeStated_IsTaken()
    {
        var run = _place.Create("undecided", [.. Pxtrs, "--range", "item_id=0:7"]).Succeeded();

        AssertRow(run, "item_id", "0 to 7, as stated");
        Assert.DoesNotContain("note:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ShapesUnknownToTheFile_AreFoundByRunning()
    {
        var run = _place.Create("separate", "--pxtr", "click,like", "--objectives", "is_click,is_like").Succeeded();

        AssertRow(run, "score", "[candidates]");
        AssertRow(run, "like", "[candidates, 1]", "the Pxtr of is_like");
    }

    [Fact]
    public void Create_ExternalData_IsCopiedAlong()
    {
        _place.Create("external", Pxtrs).Succeeded();

        var bundle = new ModelRepository(_place.Models).Open("toy", 1);
        Assert.Contains(bundle.Manifest.Files, file => file.Name == "external.weights");
    }

    [Fact]
    public void Create_ExternalDataWithFormula_IsCopiedAlong()
    {
        _place.Create("external", [.. Pxtrs, "--formula", "click + like", "--score", "fused"]).Succeeded();

        var bundle = new ModelRepository(_place.Models).Open("toy", 1);
        Assert.Equal("fused", bundle.Manifest.Score.Name);
        Assert.Contains(bundle.Manifest.Files, file => file.Name == "external.weights");
    }

    [Fact]
    public void Create_ExternalDataMissing_IsRefused()
    {
        var onnx = _place.PathOf("external.onnx");
        File.Copy(Workplace.Fixture("external.onnx"), onnx);

        Refused(_place.CreateFrom(onnx, Pxtrs), $"external data file 'external.weights' is not in the graph's folder '{Path.GetDirectoryName(onnx)}'");
    }

    [Fact]
    public void Create_ExternalDataLinkedFromElsewhere_IsRefused()
    {
        var folder = Directory.CreateDirectory(_place.PathOf("graph")).FullName;
        var onnx = Path.Combine(folder, "external.onnx");
        File.Copy(Workplace.Fixture("external.onnx"), onnx);
        var elsewhere = _place.Write("elsewhere", new string('x', 128));
        File.CreateSymbolicLink(Path.Combine(folder, "external.weights"), elsewhere);

        Refused(
            _place.CreateFrom(onnx, Pxtrs),
            $"external data file 'external.weights' is a link to '{elsewhere}', outside the graph's folder: put the file itself there");
    }

    [Fact]
    public void Create_Vocabularies_AreImported()
    {
        var items = _place.Write("items.tsv", "video\trow\n9001\t1\n-7\t2\n");
        var users = _place.Write("users.tsv", "who\trow\nann\t0\nbob\t1\n");
        var run = _place.Create("plain", [.. Pxtrs, "--vocabulary", $"item_id={items}", "--vocabulary", $"user_id={users}", "--unknown", "user_id=4"]).Succeeded();

        AssertRow(run, "item_id", "2 raw int64 ids, unknown to row 0");
        AssertRow(run, "user_id", "2 raw string ids, unknown to row 4");
        var bundle = new ModelRepository(_place.Models).Open("toy", 1);
        Assert.Equal(2, bundle.Vocabularies["item_id"].Map(-7));
        Assert.Equal(1, bundle.Vocabularies["user_id"].Map("bob"u8));
    }

    [Fact]
    public void Create_VocabularyUsesRowZeroAndNoUnknown_IsRefused()
    {
        var users = _place.Write("users.tsv", "who\trow\nann\t0\n");

        Refused(
            _place.Create("plain", [.. Pxtrs, "--vocabulary", $"user_id={users}"]),
            $"{users}: raw id 'ann' has row 0: say which row unknown ids get with --unknown user_id=ROW");
    }

    [Fact]
    public void Create_VocabularyRowOutsideTheTable_IsRefused()
    {
        var items = _place.Write("items.tsv", "video\trow\n9001\t9\n");
        var run = _place.Create("plain", [.. Pxtrs, "--vocabulary", $"item_id={items}"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("vocabularies/item_id.tsv: line 2: row \"9\", expected an integer from 0 to 8", run.Error, StringComparison.Ordinal);
        _place.HasNoModels();
    }

    [Fact]
    public void Create_MomentsOnlyInTheGoldenFile_AreTakenAndSaid()
    {
        var golden = _place.Write("golden.json", PlainGolden("""
            "own": {"mean": 0.5, "std": 0.25}, "baseline": {"mean": 0.1, "std": 0.5, "of": "something"},
            """));
        var run = _place.Create("plain", [.. Pxtrs, "--golden", golden]).Succeeded();

        AssertRow(run, "calibration", "mean 0.5, std 0.25 to mean 0.1, std 0.5");
        Assert.Contains(" note: --own and --baseline not given: taken from golden.json", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_GoldenOutputsThatTheGraphDoesNotGive_AreRefusedWithTheWorst()
    {
        var golden = _place.Write("golden.json", PlainGolden("", error: 0.001f));
        var run = _place.Create("plain", [.. Pxtrs, "--golden", golden]);

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            @"^bundle create: not published: golden request 0, output 'score', candidate 2, column 0: this machine computes 0\.\d+, the bundle says 0\.\d+ \(tolerance 1E-05\)\n$",
            run.Error);
        _place.HasNoModels();
    }

    [Fact]
    public void Create_ScoreNotFiniteOnValidInputs_AsksForGoldens() => Refused(
        _place.Create("nan", Pxtrs),
        "output 'score' is not finite on random valid inputs, so no golden requests can be made here: bring some with --golden");

    [Fact]
    public void Create_AllowNonFiniteAndDrop_AreInTheManifest()
    {
        var run = _place.Create("plain", [.. Pxtrs, "--allow-non-finite", "item_dense", "--non-finite", "drop"]).Succeeded();

        AssertRow(run, "item_dense", "any, NaN too");
        AssertRow(run, "not finite", "the candidate is dropped");
    }

    public void Dispose() => _place.Dispose();

    private void Refused(CliRun run, string reason)
    {
        run.FailedWith(1, $"bundle create: {reason}");
        _place.HasNoModels();
    }

    private static void AssertRow(CliRun run, string name, params string[] cells)
    {
        var line = Assert.Single(run.Output.Split('\n'), line => line.TrimStart().StartsWith($"{name} ", StringComparison.Ordinal));
        Assert.All(cells, cell => Assert.Contains(cell, line, StringComparison.Ordinal));
    }

    // The graph's own outputs, taken from a bundle made of it, as a file that somebody brings.
    private static string PlainGolden(string moments, float error = 0)
    {
        using var place = new Workplace();
        place.Create("plain", Pxtrs).Succeeded();
        var golden = new ModelRepository(place.Models).Open("toy", 1).Goldens[0];
        golden.Outputs["score"].Floats![2] += error;
        using var stream = new MemoryStream();
        GoldenFile.Write(stream, [golden]);
        return $"{{{moments}{System.Text.Encoding.UTF8.GetString(stream.ToArray()).TrimStart()[1..]}";
    }
}
