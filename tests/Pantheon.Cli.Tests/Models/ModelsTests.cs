using Pantheon.Bundles;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Models;

/// <summary>`pantheon models` against a real service.</summary>
public sealed class ModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Repository => Path.Combine(_folder.Path, "models");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Models_FromPublishToRollback_SayWhatChanged()
    {
        ProbeModel.Publish(Repository, "probe");
        await using var service = await ServiceProcess.StartReadyAsync(Repository);
        async Task<string> RunAsync(params string[] arguments) =>
            string.Join(' ', (await CliRun.OfAsync(["models", .. arguments, "--target", service.Target])).Succeeded().Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains("probe: base 1, nothing declared: the newest version serves", await RunAsync("show", "probe"), StringComparison.Ordinal);
        var published = (await CliRun.OfAsync("models", "publish", Path.Combine(Repository, "probe", "1"), "--repository", Repository)).Succeeded();
        Assert.Contains($"published {Path.Combine(Repository, "probe", "2")} (sha256:", published.Output, StringComparison.Ordinal);
        await Poll.UntilAsync(async () => (await RunAsync("list")).Contains("probe 2 1 2 of 2", StringComparison.Ordinal), "version 2 serves");

        Assert.Equal(
            "revision 1: promote of version 1 by ada (a test) probe: base 1, rollback to 2, revision 1",
            await RunAsync("promote", "probe", "1", "--by", "ada", "--reason", "a test"));
        Assert.EndsWith("probe: base 1, canary 2 at 12.5 %, rollback to 2, revision 2", await RunAsync("canary", "probe", "2", "--percent", "12.5"), StringComparison.Ordinal);
        Assert.EndsWith("probe: base 1, rollback to 2, revision 3", await RunAsync("rollback", "probe"), StringComparison.Ordinal);
        Assert.EndsWith("probe: base 1, shadow 2 at 100 %, rollback to 2, revision 4", await RunAsync("shadow", "probe", "2"), StringComparison.Ordinal);
        Assert.EndsWith("probe: base 1, rollback to 2, revision 5", await RunAsync("shadow", "probe", "2", "--percent", "0"), StringComparison.Ordinal);
        Assert.EndsWith("probe: base 1, revision 6", await RunAsync("unload", "probe", "2"), StringComparison.Ordinal);
        var history = await RunAsync("history", "probe", "--limit", "0");
        Assert.Contains("ada promote 1 1", history, StringComparison.Ordinal);
        Assert.Contains("canary 2 1 2 at 12.5 %", history, StringComparison.Ordinal);
    }

    [ToolFact(Tool.S3rver)]
    public async Task Publish_ToAStore_IsThereForWhoeverReadsIt()
    {
        await using var store = await S3Server.CreateAsync();
        var bundle = ProbeModel.Publish(Repository, "probe");
        string[] publish = ["models", "publish", bundle, "--repository", "s3://models/live", "--s3-endpoint", store.Endpoint, "--s3-path-style"];

        var published = (await CliRun.OfAsync(publish)).Succeeded();

        Assert.StartsWith("published s3://models/live/probe/1 (sha256:", published.Output, StringComparison.Ordinal);
        (await CliRun.OfAsync(publish)).Succeeded();
        using var repository = new S3ModelRepository("s3://models/live", new S3Options { Endpoint = store.Endpoint, ForcePathStyle = true, Cache = _folder["cache"] });
        await repository.RefreshAsync(CancellationToken.None);
        Assert.Equal([1L, 2L], repository.Versions("probe"));
        Assert.Contains(repository.Open("probe", 1).Digest, published.Output, StringComparison.Ordinal);
        store.Kill();
        var away = await CliRun.OfAsync(publish);
        Assert.Equal(1, away.ExitCode);
        Assert.Contains("the store cannot be reached", away.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_Refused_IsOneLine()
    {
        ProbeModel.Publish(Repository, "probe");
        await using var service = await ServiceProcess.StartReadyAsync(Repository);

        (await CliRun.OfAsync("models", "promote", "probe", "7", "--target", service.Target))
            .FailedWith(1, "models promote: FAILED_PRECONDITION: model 'probe' has no version 7: expected one of 1");
        (await CliRun.OfAsync("models", "show", "other", "--target", service.Target)).FailedWith(1, "models show: NOT_FOUND: model: got 'other', expected one of probe");
        (await CliRun.OfAsync("models", "canary", "probe", "1", "--target", service.Target))
            .FailedWith(2, "pantheon models canary: Option '--percent' is required. (see `pantheon models canary --help`)");
    }

    [Fact]
    public async Task Models_NoService_SaysWhereItLooked()
    {
        var run = await CliRun.OfAsync("models", "list", "--target", "127.0.0.1:1");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("models list: UNAVAILABLE: ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("(is the service up at 127.0.0.1:1?)\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Change_IsALine()
    {
        ProbeModel.Publish(Repository, "probe");
        await using var service = await ServiceProcess.StartReadyAsync(Repository);
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var written = TextWriter.Synchronized(output);
        var watch = PantheonCommand.RunAsync(["models", "watch", "probe", "--target", service.Target], Terminal.Plain(written, error), stop.Token);
        Task<bool> HasAsync(string text)
        {
            lock (written)
            {
                return Task.FromResult(output.ToString().Contains(text, StringComparison.Ordinal));
            }
        }

        await Poll.UntilAsync(() => HasAsync("probe: base 1"), "the first line");
        ProbeModel.Publish(Repository, "probe", 2);
        await Poll.UntilAsync(() => HasAsync("probe: base 2, rollback to 1"), "the change");
        await stop.CancelAsync();
        Assert.Equal((0, ""), (await watch, error.ToString()));
    }
}
