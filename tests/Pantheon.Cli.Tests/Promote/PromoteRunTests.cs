using Google.Protobuf;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Onnx.Formulas;
using Pantheon.Promotion;
using Pantheon.Promotion.Live;
using Pantheon.Rig;
using FeatureSide = Pantheon.Modeling.Features.FeatureSide;
using ScoringClient = Pantheon.Contracts.V1.Scoring.ScoringClient;
using StoredRanking = Pantheon.Exposures.Rankings.Ranking;
using WireFeature = Pantheon.Contracts.V1.Feature;


namespace Pantheon.Cli.Tests.Promote;

/// <summary>`pantheon promote run` and the promoter in the service's own process, on a real service with real feedback.</summary>
public sealed class PromoteRunTests : IDisposable
{
    private const int Candidates = 6;
    private const int Users = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly PromoterOptions _options;

    public PromoteRunTests()
    {
        _options = new PromoterOptions
        {
            Model = "feed",
            Labels = ["ctr=click"],
            Features = [new("user_id", FeatureSide.User, LiveFeatureKind.Id, Rows: 100), new("pull", FeatureSide.Candidate, LiveFeatureKind.Number)],
            Window = TimeSpan.FromSeconds(1),
            FeedbackDelay = TimeSpan.FromSeconds(1),
            WarmupWindows = 1,
            RefreshWindows = 0,
            Recommender = new() { Ranking = new() { EmbeddingWidth = 2, ExpertLayers = [8], TowerLayers = [4], Experts = 2, AttentionWidth = 0, CrossWidth = 0 } },
            Head = new() { Network = new() { Layers = [8], EmbeddingWidth = 0 } },
            Training = new() { BatchSize = 64, Epochs = 8, Rate = 0.03, WarmupSteps = 2, Threads = 1 },
            Policy = new() { MinimumUsers = 20, BurnInWindows = 0 },
            Steps = [],
        };
        // An incumbent that has learned that users like what nobody pulls them to.
        FirstModel.Publish(
            _options, new JoinedWindow(new ExposureWindow(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), DateTimeOffset.UnixEpoch.AddHours(1)), [.. Enumerable.Range(0, 200).SelectMany(Upside)], new JoinCounts()),
            Models, FusionFormula.Parse("ctr", ["ctr"]), new Moments(0.5, 0.1), new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "test" });
        File.WriteAllText(Config, _options.ToJson());
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

    private static float Pull(Random random) => (2 * random.NextSingle()) - 1;

    private static RankRequest Request(int user, float[] pulls) => new()
    {
        UserKey = $"{user}",
        TopK = Candidates,
        UserFeatures = { new WireFeature { Name = "user_id", Int64S = { user } } },
        CandidateFeatures = { new WireFeature { Name = "pull", Floats = { pulls } } },
    };

    private static List<Exposure> Upside(int number)
    {
        var random = new Random(number);
        float[] pulls = [.. Enumerable.Range(0, Candidates).Select(_ => Pull(random))];
        var ranking = new StoredRanking
        {
            Id = RankingId.New(DateTimeOffset.UnixEpoch.AddMinutes(1)),
            RequestId = "",
            UserKey = $"{number % Users}",
            Scenario = "",
            Model = "",
            Version = 0,
            Digest = "",
            Arm = RankingArm.Base,
            Explored = true,
            Candidates = Candidates,
            Items = [.. Enumerable.Range(0, Candidates).Select(position => new RankedExposure(position, position, 0))],
            Features = Request(number % Users, pulls).ToByteArray(),
        };
        return [.. Enumerable.Range(0, Candidates).Select(position => new Exposure(ranking, position, position, [random.NextSingle() < 0.5f - (0.4f * pulls[position]) ? 1f : 0f]))];
    }

    // Users click what they are pulled to.
    private static async Task ServeAsync(ServiceProcess service, double seconds)
    {
        var scoring = new ScoringClient(service.Channel);
        var feedback = new Feedback.FeedbackClient(service.Channel);
        var random = new Random(Environment.TickCount);
        await Poll.UntilAsync(async () => (await scoring.RankAsync(Request(0, [.. Enumerable.Range(0, Candidates).Select(_ => Pull(random))]))).RankingId.Length > 0, "the store is open");
        var end = DateTimeOffset.UtcNow.AddSeconds(seconds);
        for (var user = 0; DateTimeOffset.UtcNow < end; user = (user + 1) % Users)
        {
            float[] pulls = [.. Enumerable.Range(0, Candidates).Select(_ => Pull(random))];
            var answer = await scoring.RankAsync(Request(user, pulls));
            var report = new FeedbackReport { RankingId = answer.RankingId };
            for (var rank = 0; rank < answer.Items.Count; rank++)
            {
                var item = new ItemFeedback { Rank = rank, ShownPosition = rank };
                if (random.NextSingle() < 0.5f + (0.4f * pulls[answer.Items[rank].Position]))
                {
                    item.Outcomes.Add("click", 1);
                }

                report.Items.Add(item);
            }

            await feedback.ReportAsync(new ReportRequest { Reports = { report } });
        }

        // The last window is over, and its delay.
        await Poll.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > end.AddSeconds(3)), "the windows are closed");
    }
}
