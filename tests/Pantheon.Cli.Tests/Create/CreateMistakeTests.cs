namespace Pantheon.Cli.Tests.Create;

/// <summary>Every mistake is one line: what came, what was expected.</summary>
public sealed class CreateMistakeTests : IDisposable
{
    private readonly Workplace _place = new();

    [Theory]
    [InlineData("fixed_batch", "item_id has a fixed first dimension 128: export it with a dynamic axis")]
    [InlineData("two_open", "input 'item_dense' is Float [n,width], with 2 open dimensions, expected one (the rows): export it with the others fixed")]
    [InlineData("int32_id", "input 'item_id' is Int32, expected Int64 or Float: export it as int64 and cast inside the graph")]
    [InlineData("double_dense", "input 'item_dense' is Double, expected Float: export it as float32 and cast inside the graph")]
    [InlineData("half_dense", "input 'item_dense' is Float16, expected Float: export it as float32 and cast inside the graph")]
    [InlineData("pooled", "output 'score' has shape [1,1] for 7 candidates and [1,1] for 12, expected a row for each candidate")]
    [InlineData("sequence", "output 'score' is another one when user input user_dense is given once than when the same row is repeated for every candidate, so its open dimension is no row of the user: export it with that dimension fixed")]
    public void Create_GraphThatCannotBeServed_IsRefused(string fixture, string reason) =>
        Refused(_place.Create(fixture, "--pxtr", "pxtr", "--objectives", "click,like"), 1, reason);

    [Theory]
    [InlineData("--pxtr pxtr --objectives a,b,c", "output 'pxtr' has 2 columns and --objectives names 3 (a, b, c), expected a name for each column")]
    [InlineData("--pxtr pxtr", "output 'pxtr' has 2 columns and --objectives names 0, expected a name for each column")]
    [InlineData("--pxtr pxtr,score --objectives a", "--pxtr names 2 outputs for 1 objectives, expected one for all of them or one for each")]
    [InlineData("--pxtr pxtrs --objectives a,b", "--pxtr names 'pxtrs', which is no output of the graph; its outputs are score (Float [n]), pxtr (Float [n,2])")]
    [InlineData("--objectives a,b", "--objectives names 2 objectives and there is no --pxtr: name the outputs that hold them")]
    [InlineData("--score pxtr --pxtr pxtr --objectives a,b", "output 'pxtr' is in --score and in --pxtr, expected it in one of them")]
    [InlineData("--score pxtr", "output 'pxtr' has shape [candidates,2], expected [candidates] or [candidates,1]")]
    [InlineData("--range item_id=0:9", "--range: got item_id=0:9, but the graph only takes 0 to 8")]
    [InlineData("--range item_dense=0:9", "--range names 'item_dense', which is Float: only Int64 inputs hold ids")]
    [InlineData("--range item=0:9", "--range names 'item', which is no input of the graph; its inputs are user_id (Int64 [1]), user_dense (Float [1,2]), item_id (Int64 [n]), item_dense (Float [n,2])")]
    [InlineData("--allow-non-finite item_id", "--allow-non-finite names 'item_id', which is Int64: only Float inputs can hold NaN and infinity")]
    [InlineData("--unknown item_id=3", "--unknown names 'item_id', which has no --vocabulary")]
    [InlineData("--pxtr pxtr --objectives a,b --formula a+b", "the graph already has a value named 'score'; expected a new name for the score")]
    public void Create_WhatWasSaidDoesNotFitTheGraph_IsRefused(string options, string reason) =>
        Refused(_place.Create("plain", options.Split(' ')), 1, reason);

    [Theory]
    [InlineData("user_id,user_dense,age", "item_id,item_dense", "--user names 'age', which is no input of the graph; its inputs are user_id (Int64 [1]), user_dense (Float [1,2]), item_id (Int64 [n]), item_dense (Float [n,2])")]
    [InlineData("user_id", "item_id,item_dense", "the graph's input 'user_dense' (Float [1,2]) is neither in --user nor in --candidates: name it in one of them")]
    [InlineData("user_id,user_dense,item_id", "item_id,item_dense", "input 'item_id' is in --user and in --candidates, expected it in one of them")]
    [InlineData("user_id", "user_dense,item_id,item_dense", "user_dense has a fixed first dimension 1: export it with a dynamic axis")]
    public void Create_SidesDoNotFitTheGraph_IsRefused(string user, string candidates, string reason) => Refused(
        CliRun.Of("bundle", "create", "--onnx", Workplace.Fixture("plain.onnx"), "--model", "toy", "--repository", _place.Models, "--user", user, "--candidates", candidates),
        1, reason);

    [Theory]
    [InlineData("--own 0.5", "--own: got '0.5', expected mean,std such as 0.12,0.05")]
    [InlineData("--own 0.5,0 --baseline 0.5,1", "--own: got '0.5,0', expected finite numbers and a standard deviation above 0")]
    [InlineData("--own 0.5,0.1", "--own: expected --baseline with it, as calibration maps one to the other")]
    [InlineData("--scenario feed=1,1,1,1", "--scenario: expected --own and --baseline with it, which apply to every other scenario")]
    [InlineData("--range item_id=5", "--range: got '5', expected input=min:max such as item_id=0:999")]
    [InlineData("--range item_id", "--range: got 'item_id', expected input=min:max such as item_id=0:999")]
    [InlineData("--range item_id=-1:5", "--range: got '-1:5', expected input=min:max such as item_id=0:999")]
    [InlineData("--range item_id=0:1 --range item_id=0:2", "--range: 'item_id' came twice, expected each name once")]
    [InlineData("--objectives a,,b", "--objectives: got 'a,,b', expected names with single commas between")]
    [InlineData("--formula a+b", "--formula: expected --pxtr and --objectives with it, which name what it fuses")]
    public void Create_OptionValueThatIsNone_IsUsage(string options, string reason) =>
        Refused(_place.Create("plain", options.Split(' ')), 2, reason);

    [Fact]
    public void Create_FormulaThatCannotBeRead_SaysWhere()
    {
        var run = _place.Create("no_score", "--pxtr", "pxtr", "--objectives", "click,like", "--formula", "click + lik");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("bundle create: position 9: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_NotAnOnnxFile_IsRefused()
    {
        var run = _place.CreateFrom(_place.Write("model.onnx", "{}"));

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"bundle create: '{_place.PathOf("model.onnx")}' cannot be used as an ONNX model: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(letter => letter == '\n'));
    }

    [Fact]
    public void Create_NoSuchFile_IsRefused() =>
        Refused(_place.CreateFrom(_place.PathOf("none.onnx")), 1, $"Could not find file '{_place.PathOf("none.onnx")}'.");

    [Fact]
    public void Create_ModelNameThatIsNone_IsRefused()
    {
        var run = CliRun.Of(
            "bundle", "create", "--onnx", Workplace.Fixture("plain.onnx"), "--model", "../toy", "--repository", _place.Models,
            "--user", "user_id,user_dense", "--candidates", "item_id,item_dense");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("../toy", run.Error, StringComparison.Ordinal);
        _place.HasNoModels();
    }

    [Fact]
    public void Create_RequiredOptionMissing_IsUsage() => CliRun.Of("bundle", "create", "--model", "toy", "--candidates", "a")
        .FailedWith(2, "pantheon bundle create: Option '--onnx' is required. (see `pantheon bundle create --help`)");

    public void Dispose() => _place.Dispose();

    private void Refused(CliRun run, int exitCode, string reason)
    {
        run.FailedWith(exitCode, $"bundle create: {reason}");
        _place.HasNoModels();
    }
}
