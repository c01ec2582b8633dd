using Google.Protobuf;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Policies;
using Pantheon.Onnx.Formulas;
using Pantheon.Promotion.Live;
using Pantheon.Promotion.Trials;
using FeatureSide = Pantheon.Modeling.Features.FeatureSide;
using FeedbackReport = Pantheon.Exposures.Reports.FeedbackReport;
using ItemFeedback = Pantheon.Exposures.Reports.ItemFeedback;
using StoredRanking = Pantheon.Exposures.Rankings.Ranking;
using WireFeature = Pantheon.Contracts.V1.Feature;

namespace Pantheon.Promotion.Tests;

/// <summary>A store, a repository and a promoter over an audience whose truth the test made: one number of a candidate drives clicks, another likes.</summary>
internal sealed class PromoterRig : IAsyncDisposable
{
    private const int Users = 240;
    private const int Candidates = 8;
    private const int Shown = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("promoter-").FullName;

    public PromoterRig()
    {
        Clock.Now = Start;
        Store = ExposureStores.OpenSqlite(new() { Path = Path.Combine(_folder, "exposures.db") }, Clock);
        // An incumbent that learned from outcomes that had nothing to do with anything.
        FirstModel.Publish(
            Options, new JoinedWindow(Window(-1), [.. Enumerable.Range(0, Users).SelectMany(user => Answer(-1, user, noise: true))], new JoinCounts()), Models,
            FusionFormula.Parse("ctr * ltr", ["ctr", "ltr"]), new Moments(0.3, 0.1), new Lineage { CreatedAt = Start, CreatedBy = "test" });
    }

    public static DateTimeOffset Start { get; } = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    public Clock Clock { get; } = new();

    public IExposureStore Store { get; }

    public FakeControl Control { get; } = new();

    public string Models => Path.Combine(_folder, "models");

    public string State => Path.Combine(_folder, "state");

    /// <summary>Windows whose users on trial did nothing at all.</summary>
    public bool TrialIsBad { get; set; }

    public PromoterOptions Options { get; set; } = new()
    {
        Model = "m",
        Labels = ["ctr=click", "ltr=like"],
        Features =
        [
            new("user_id", FeatureSide.User, LiveFeatureKind.Id, Rows: 400),
            new("item_id", FeatureSide.Candidate, LiveFeatureKind.Id, Rows: 100),
            new("pulls", FeatureSide.Candidate, LiveFeatureKind.Number, Width: 2),
        ],
        Window = TimeSpan.FromHours(1),
        FeedbackDelay = TimeSpan.FromMinutes(10),
        WarmupWindows = 1,
        RefreshWindows = 0,
        Recommender = new() { ItemFeature = "item_id", Ranking = new() { EmbeddingWidth = 4, ExpertLayers = [16], TowerLayers = [8], Experts = 2, AttentionWidth = 0, CrossWidth = 0 } },
        Head = new() { Network = new() { Layers = [16], EmbeddingWidth = 2 } },
        Training = new() { BatchSize = 128, Epochs = 4, Rate = 0.02, WarmupSteps = 5, Threads = 1, Floor = 0.3 },
        Policy = IppoOptions.Live with { BurnInWindows = 0, MinimumUsers = 50 },
        Steps = [new(10, TimeSpan.FromMinutes(30)), new(50, TimeSpan.FromMinutes(30))],
        Guard = new() { MinimumUsers = 5 },
    };

    public IReadOnlyList<PromotionEntry> Journal => JsonLines.Read<PromotionEntry>(Path.Combine(State, Promoter.JournalFile));

    public Promoter Open(string owner = "one", Action<PromotionEntry>? told = null) =>
        new(Options, new PromoterPlace(new ModelRepository(Models), State, owner, "test"), Store, Control, Start, Clock, told);

    /// <summary>Lets a window's hour pass, and the delay after it.</summary>
    public async Task PassAsync(int window)
    {
        Clock.Now = Start.AddHours(window).AddMinutes(30);
        for (var user = 0; user < Users; user++)
        {
            var rows = Answer(window, user, noise: false);
            await Store.AppendAsync([rows[0].Ranking]);
            await Store.ReportAsync([new FeedbackReport(
                rows[0].Ranking.Id,
                [.. rows.Select(row => new ItemFeedback(row.Rank, row.ShownPosition, new Dictionary<string, double> { ["click"] = row.Labels[0], ["like"] = row.Labels[1] }))])]);
        }

        Clock.Now = Start.AddHours(window + 1).AddMinutes(15);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Rows come in the order of ids, and training adds up in the order of rows: the same in every rig.
    private static Guid IdOf(DateTimeOffset at, int user)
    {
        var bytes = RankingId.New(at).ToByteArray(bigEndian: true);
        bytes.AsSpan(6).Clear();
        (bytes[6], bytes[8], bytes[14], bytes[15]) = (0x70, 0x80, (byte)(user >> 8), (byte)user);
        return new Guid(bytes, bigEndian: true);
    }

    private static ExposureWindow Window(int hour) => new(Start.AddHours(hour), Start.AddHours(hour + 1), Start.AddHours(hour + 1));

    private List<Exposure> Answer(int window, int user, bool noise)
    {
        var random = new Random((window * 1000) + user);
        float[] pulls = [.. Enumerable.Range(0, 2 * Candidates).Select(_ => (2 * random.NextSingle()) - 1)];
        var positions = Enumerable.Range(0, Candidates).ToArray();
        random.Shuffle(positions);
        var isCanary = Control.Now.Canary is not null && random.NextDouble() * 100 < Control.Now.Percent;
        var request = new RankRequest
        {
            UserFeatures = { new WireFeature { Name = "user_id", Int64S = { user } } },
            CandidateFeatures =
            {
                new WireFeature { Name = "item_id", Int64S = { Enumerable.Range(0, Candidates).Select(_ => (long)random.Next(60)) } },
                new WireFeature { Name = "pulls", Floats = { pulls } },
            },
        };
        var ranking = new StoredRanking
        {
            Id = IdOf(Start.AddHours(window).AddMinutes(30), user),
            RequestId = "",
            UserKey = $"{user}",
            Scenario = "",
            Model = "m",
            Version = isCanary ? Control.Now.Canary!.Value : Control.Now.Base,
            Digest = "",
            Arm = isCanary ? RankingArm.Canary : RankingArm.Base,
            Explored = user % 2 == 0,
            Candidates = Candidates,
            Items = [.. positions.Take(Shown).Select(position => new RankedExposure(position, position, 0))],
            Features = request.ToByteArray(),
        };
        float Label(int position, int pull) =>
            isCanary && TrialIsBad ? 0 : random.NextDouble() < 1 / (1 + Math.Exp(-4 * (noise ? random.NextDouble() - 0.5 : pulls[(2 * position) + pull]))) ? 1 : 0;
        return [.. ranking.Items.Select((item, rank) => new Exposure(ranking, rank, rank, [Label(item.Position, 0), Label(item.Position, 1)]))];
    }
}

/// <summary>A service that does what it is told.</summary>
internal sealed class FakeControl : IModelControl
{
    public TrafficState Now { get; set; } = new(1, null, 0, IsDeclared: true, "");

    public List<string> Changes { get; } = [];

    public ModelControlException? Failure { get; set; }

    public Task<TrafficState> GetAsync(string model, CancellationToken cancellation) => Task.FromResult(Now);

    public Task<TrafficState> SetCanaryAsync(string model, long version, double percent, string reason, CancellationToken cancellation) =>
        Change($"canary {version} {percent}", Now with { Canary = percent == 0 ? null : version, Percent = percent, LastChange = reason });

    public Task<TrafficState> PromoteAsync(string model, long version, string reason, CancellationToken cancellation) =>
        Change($"promote {version}", new TrafficState(version, null, 0, IsDeclared: true, reason));

    private Task<TrafficState> Change(string what, TrafficState next)
    {
        if (Failure is { } failure)
        {
            throw failure;
        }

        Changes.Add(what);
        return Task.FromResult(Now = next);
    }
}

internal sealed class Clock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}
