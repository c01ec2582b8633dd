using Pantheon.Contracts.V1;
using Pantheon.Rig;
using ScoringClient = Pantheon.Contracts.V1.Scoring.ScoringClient;

namespace Pantheon.Cli.Tests.Promote;

/// <summary>`pantheon promote run` and the promoter in the service's own process, on a real service with real feedback.</summary>
public sealed class PromoteRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PromoteRunTests()
    {
        PulledUsers.PublishIncumbent(Models);
        File.WriteAllText(Config, PulledUsers.Options.ToJson());
    }

    private string Models => Path.Combine(_folder.Path, "models");

    private string Store => Path.Combine(_folder.Path, "exposures.db");

    private string State => Path.Combine(_folder.Path, "state");

    private string Config => Path.Combine(_folder.Path, "promoter.json");

    private string[] Settings => ["Exposures:Store=Sqlite", $"Exposures:Path={Store}", "Exposures:Log:FeaturesShare=1", "Exploration:Share=1"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OnWhatUsersDid_PromotesWhatIsBetter()
    {
        await using var service = await ServiceProcess.StartReadyAsync(Models, Settings);
        var since = DateTimeOffset.UtcNow.AddSeconds(-1);
        await ServeAsync(service, seconds: 5);
        string[] run =
        [
            "promote", "run", "--config", Config, "--store", Store, "--models", Models, "--state", State, "--target", service.Target, "--since", since.ToString("O"), "--once",
        ];
        (await CliRun.OfAsync("promote", "pause", "feed", "--store", Store, "--by", "ann", "--reason", "sale day")).Succeeded();
        Assert.Contains("paused, by ann: sale day", (await CliRun.OfAsync(run)).Succeeded().Output, StringComparison.Ordinal);
        (await CliRun.OfAsync("promote", "resume", "feed", "--store", Store)).Succeeded();

        var did = (await CliRun.OfAsync(run)).Succeeded();

        Assert.Contains(" promoted version 2: ", did.Output, StringComparison.Ordinal);
        var now = await new Contracts.V1.Models.ModelsClient(service.Channel).GetAsync(new GetModelRequest());
        Assert.Equal((2, 1), (now.BaseVersion, now.PreviousVersion));
        var status = (await CliRun.OfAsync("promote", "status", "--journal", State)).Succeeded();
        Assert.Contains("promoted", status.Output, StringComparison.Ordinal);
        Assert.Contains("weight now", status.Output, StringComparison.Ordinal);
        Assert.Matches("[=.|]+o[=.|]+", status.Output);
    }

    [Fact]
    public async Task Serving_WithAPromoterBeside_PromotesByItself()
    {
        await using var service = await ServiceProcess.StartReadyAsync(
            Models, [.. Settings, $"Promotion:Config={Config}", $"Promotion:State={State}", "Promotion:PollSeconds=0.2"]);
        var models = new Contracts.V1.Models.ModelsClient(service.Channel);

        var promoted = false;
        for (var patience = 0; patience < 20 && !promoted; patience++)
        {
            await ServeAsync(service, seconds: 2);
            promoted = (await models.GetAsync(new GetModelRequest())).BaseVersion > 1;
        }

        Assert.True(promoted, service.Output);
        var history = await models.HistoryAsync(new ModelHistoryRequest());
        Assert.Contains(history.Changes, change => change is { Action: "promote", Version: 2, Requester: "promoter" });
        Assert.Equal(1, await service.MetricAsync("pantheon_promoter_running"));
        Assert.InRange(await service.MetricAsync("pantheon_promoter_entries_total"), 3, double.MaxValue);
        Assert.InRange(await service.MetricAsync("pantheon_promoter_learned_through_seconds"), DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Serving_PromoterWithADamagedJournal_SaysSoAndServes()
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(Path.Combine(State, "journal.jsonl"), "{}\n{}\n");
        await using var service = await ServiceProcess.StartReadyAsync(Models, [.. Settings, $"Promotion:Config={Config}", $"Promotion:State={State}"]);

        await Poll.UntilAsync(() => Task.FromResult(service.Output.Contains("The promoter ended", StringComparison.Ordinal)), "the promoter ends");

        Assert.Matches(@"(?m)^pantheon_promoter_running\{[^}]*\} 0\b", (await service.GetAsync("/metrics")).Body);
        Assert.Equal(1, (await new ScoringClient(service.Channel).RankAsync(PulledUsers.Request(0, new Random(1)))).Version);
    }

    [Fact]
    public void Run_NotSaidRight_IsOneLine()
    {
        File.WriteAllText(Store, "");
        string[] run = ["promote", "run", "--store", Store, "--models", Models, "--state", State, "--config"];
        CliRun.Of([.. run, Config + "x"]).FailedWith(2, $"promote run: --config: {Config}x: no such file, expected a promoter's configuration");
        File.WriteAllText(Config, """{ "model": "feed", "labels": ["ctr"] }""");
        CliRun.Of([.. run, Config]).FailedWith(2, $"promote run: --config: {Config}: got 'ctr', expected OBJECTIVE=OUTCOME or OBJECTIVE=OUTCOME>=NUMBER");
        File.WriteAllText(Config, """{ "modle": "feed" }""");
        Assert.Contains("'modle'", CliRun.Of([.. run, Config]).Error, StringComparison.Ordinal);
        CliRun.Of("promote", "veto", "feed", "0", "--store", Store).FailedWith(2, "promote veto: version: got 0, expected 1 or above");
    }

    [Fact]
    public async Task Serving_PromoterWithoutAStore_DoesNotStart()
    {
        await using var service = ServiceProcess.Launch(Models, $"Promotion:Config={Config}");
        Assert.Equal(1, await service.ExitAsync());
        Assert.Contains("a promoter learns from exposures", service.Output, StringComparison.Ordinal);
    }

    private static async Task ServeAsync(ServiceProcess service, double seconds)
    {
        var scoring = new ScoringClient(service.Channel);
        var feedback = new Feedback.FeedbackClient(service.Channel);
        var random = new Random(Environment.TickCount);
        await Poll.UntilAsync(async () => (await scoring.RankAsync(PulledUsers.Request(0, random))).RankingId.Length > 0, "the store is open");
        var end = DateTimeOffset.UtcNow.AddSeconds(seconds);
        for (var user = 0; DateTimeOffset.UtcNow < end; user++)
        {
            var request = PulledUsers.Request(user, random);
            await feedback.ReportAsync(new ReportRequest { Reports = { PulledUsers.Report(request, await scoring.RankAsync(request), random) } });
        }

        // The last window is over, and its delay.
        await Poll.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > end.AddSeconds(3)), "the windows are closed");
    }
}
