using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Policies;

namespace Pantheon.Promotion.Tests;

/// <summary>Decisions on a store of exposures whose truth the test made.</summary>
public sealed class DryRunTests : IDisposable
{
    private const int Users = 150;
    private const int Candidates = 8;

    private static readonly DateTimeOffset s_start = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JoinOptions s_options = new() { Labels = [new("ctr", "click"), new("lvtr", "play_seconds", 10)] };
    private static readonly IppoOptions s_policy = IppoOptions.Live with { BurnInWindows = 0 };

    private readonly string _folder = Directory.CreateTempSubdirectory("promotion-").FullName;
    private readonly Clock _clock = new();

    // What is true of a candidate is in the request: the reference reads it, the base reads something else.
    private static Contender Base { get; } = new("base", ranking => [.. Enumerable.Range(0, Candidates).Select(position => Hash(ranking.Features.Span[0], position, 7))]);

    private static Contender Reference { get; } = new("reference", ranking => [.. Enumerable.Range(0, Candidates).Select(position => Truth(ranking.Features.Span[0], position))]);

    private string Journal => Path.Combine(_folder, "journal.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task RunAsync_ReferenceIsBetter_IsPromotedOnceTheNextWindowConfirms()
    {
        await using var store = Open();
        await FillAsync(store, windows: 3);

        var steps = await RunAsync(store, Base, Reference);

        Assert.Equal([IppoAction.Wait, IppoAction.Promote, IppoAction.Wait], steps.Select(step => step.Decision.Action));
        Assert.StartsWith("better on every objective, to be confirmed by 1 more", steps[0].Decision.Reason, StringComparison.Ordinal);
        Assert.All(steps[0].Decision.Gains, gain => Assert.True(gain > 0.2));
        // Of eight candidates four were returned and shown.
        Assert.Equal(new JudgedCounts(Users * 4, Users * 4, 0, 0, 0), steps[0].Judged);
        Assert.Equal(JsonLines.Read<PromotionEntry>(Journal).Skip(1).Select(entry => JsonLines.Line(entry.Decision)), steps.Select(step => JsonLines.Line(step.Decision)));
    }

    [Fact]
    public async Task RunAsync_SameModelTwice_IsNeverPromoted()
    {
        await using var store = Open();
        await FillAsync(store, windows: 4);
        Assert.DoesNotContain(await RunAsync(store, Base, Base with { Name = "twin" }), step => step.Decision.Action == IppoAction.Promote);
    }

    [Fact]
    public async Task RunAsync_StartedAgain_GoesOnWhereTheJournalEnds()
    {
        await using var store = Open();
        await FillAsync(store, windows: 4);
        var whole = await RunAsync(store, Base, Reference);
        var lines = await File.ReadAllLinesAsync(Journal);
        // The first line says what it is about.
        for (var cut = 0; cut <= 5; cut++)
        {
            // A crash in the middle of a line.
            await File.WriteAllTextAsync(Journal, string.Concat(lines.Take(cut).Select(line => line + "\n")) + "{\"win");

            var rest = await RunAsync(store, Base, Reference);

            Assert.Equal(whole.Skip(cut - 1).Select(step => JsonLines.Line(step.Decision)), rest.Select(step => JsonLines.Line(step.Decision)));
            Assert.Equal(lines, await File.ReadAllLinesAsync(Journal));
        }
    }

    [Fact]
    public async Task RunAsync_OnlyDrawnAnswersCount_CountsWhatIsLeftOut()
    {
        await using var store = Open();
        await FillAsync(store, windows: 1, explored: user => user % 3 == 0, features: user => user % 2 == 0);

        var step = Assert.Single(await RunAsync(store, Base, Reference with { Score = ranking => ranking.Features.Span[0] % 5 == 0 ? null : Reference.Score(ranking) }));

        // 0, 3, 6, ...: 50 users, of whom 25 were stored whole; 0, 30, 60, 90 and 120 cannot be scored.
        Assert.Equal(new JudgedCounts(Users * 4, 20 * 4, 100 * 4, 25 * 4, 5 * 4), step.Judged);
        Assert.Equal(IppoAction.Wait, step.Decision.Action);
        Assert.Contains("of 100 users with both classes", step.Decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NobodyIsJudged_Waits()
    {
        await using var store = Open();
        await FillAsync(store, windows: 1, explored: _ => false);
        Assert.Equal("an objective has no GAUC in this window", Assert.Single(await RunAsync(store, Base, Reference)).Decision.Reason);
    }

    [Fact]
    public async Task New_JournalOfAnotherReference_IsRefused()
    {
        await using var store = Open();
        await FillAsync(store, windows: 1);
        await RunAsync(store, Base, Reference);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(store, Base, Reference with { Name = "other" }));
        Assert.Equal("the journal is about 'reference' and ctr, lvtr, expected 'other' and ctr, lvtr: another reference has a journal of its own", error.Message);
    }

    private static float Truth(byte seed, int position) => Hash(seed, position, 1);

    private static float Hash(byte seed, int position, int salt) => new Random((seed * 1000) + (position * 10) + salt).NextSingle();

    private IExposureStore Open() => ExposureStores.OpenSqlite(new() { Path = Path.Combine(_folder, "exposures.db") }, _clock);

    // Four random candidates of each user are shown; both outcomes are likelier the higher the truth.
    private async Task FillAsync(IExposureStore store, int windows, Func<int, bool>? explored = null, Func<int, bool>? features = null)
    {
        for (var window = 0; window < windows; window++)
        {
            var random = new Random(window);
            _clock.Now = s_start.AddHours(window).AddMinutes(30);
            for (var user = 0; user < Users; user++)
            {
                var positions = Enumerable.Range(0, Candidates).ToArray();
                random.Shuffle(positions);
                var ranking = new Ranking
                {
                    Id = RankingId.New(_clock.Now),
                    RequestId = "",
                    UserKey = $"{user}",
                    Scenario = "",
                    Model = "m",
                    Version = 1,
                    Digest = "sha256:" + new string('0', 64),
                    Arm = RankingArm.Base,
                    Explored = explored?.Invoke(user) ?? true,
                    Candidates = Candidates,
                    Items = [.. positions.Take(4).Select(position => new RankedExposure(position, position, 0, 1.0 / Candidates))],
                    Features = features?.Invoke(user) == false ? default : new[] { (byte)user },
                };
                await store.AppendAsync([ranking]);
                await store.ReportAsync([new FeedbackReport(ranking.Id, [.. ranking.Items.Select((item, rank) =>
                {
                    var truth = Truth((byte)user, item.Position);
                    return new ItemFeedback(rank, rank, new Dictionary<string, double> { ["click"] = truth > random.NextSingle() ? 1 : 0, ["play_seconds"] = truth > random.NextSingle() ? 30 : 3 });
                })])]);
            }
        }

        _clock.Now = s_start.AddHours(windows + 1);
    }

    private async Task<List<DryRunStep>> RunAsync(IExposureStore store, Contender @base, Contender reference)
    {
        var run = new DryRun(new ExposureJoin(store, s_options), s_options, JudgedExposures.Explored, @base, reference, s_policy, JsonLines.Read<PromotionEntry>(Journal));
        using var journal = JsonLines.Open(Journal);
        List<DryRunStep> steps = [];
        await foreach (var step in run.RunAsync(s_start, _clock.Now, journal))
        {
            steps.Add(step);
        }

        return steps;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
