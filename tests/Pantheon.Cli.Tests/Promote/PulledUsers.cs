using Google.Protobuf;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Onnx.Formulas;
using Pantheon.Promotion;
using Pantheon.Promotion.Live;
using FeatureSide = Pantheon.Modeling.Features.FeatureSide;
using StoredRanking = Pantheon.Exposures.Rankings.Ranking;
using WireFeature = Pantheon.Contracts.V1.Feature;

namespace Pantheon.Cli.Tests.Promote;

/// <summary>Users who click what they are pulled to, and an incumbent that has learned the contrary: what a promoter learns in a window of a second.</summary>
internal static class PulledUsers
{
    public const string Model = "feed";

    private const int Candidates = 6;
    private const int Users = 40;

    public static PromoterOptions Options { get; } = new()
    {
        Model = Model,
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

    /// <summary>Version 1.</summary>
    public static void PublishIncumbent(string models)
    {
        var hour = new ExposureWindow(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), DateTimeOffset.UnixEpoch.AddHours(1));
        FirstModel.Publish(
            Options, new JoinedWindow(hour, [.. Enumerable.Range(0, 200).SelectMany(Upside)], new JoinCounts()),
            models, FusionFormula.Parse("ctr", ["ctr"]), new Moments(0.5, 0.1), new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "test" });
    }

    /// <summary>What the gateway asks for a user.</summary>
    public static RankRequest Request(int number, Random random) => Request(number, Pulls(random));

    /// <summary>All that was answered was seen, and some of it clicked.</summary>
    public static FeedbackReport Report(RankRequest request, RankResponse answer, Random random)
    {
        var pulls = request.CandidateFeatures.Single().Floats;
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

        return report;
    }

    private static float[] Pulls(Random random) => [.. Enumerable.Range(0, Candidates).Select(_ => (2 * random.NextSingle()) - 1)];

    private static RankRequest Request(int number, float[] pulls) => new()
    {
        UserKey = $"{number % Users}",
        TopK = Candidates,
        UserFeatures = { new WireFeature { Name = "user_id", Int64S = { number % Users } } },
        CandidateFeatures = { new WireFeature { Name = "pull", Floats = { pulls } } },
    };

    private static List<Exposure> Upside(int number)
    {
        var random = new Random(number);
        var pulls = Pulls(random);
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
            Features = Request(number, pulls).ToByteArray(),
        };
        return [.. Enumerable.Range(0, Candidates).Select(position => new Exposure(ranking, position, position, [random.NextSingle() < 0.5f - (0.4f * pulls[position]) ? 1f : 0f]))];
    }
}
