using Pantheon.Learning.Metrics;
using Pantheon.Simulation.ClosedLoops;

namespace Pantheon.Simulation.Tests;

public sealed class WorldTests
{
    private const int Requests = 1500;

    private static readonly World s_world = new();
    private static readonly Lazy<Log> s_log = new(() => new Log(s_world, 0, Requests));

    [Fact]
    public void Of_TheWorldsThatAreMeasuredOn_AreTheFrozenOnes() =>
        Assert.Equal(WorldDigest.Frozen, [WorldDigest.Of(new WorldOptions()), WorldDigest.Of(LoopOptions.Village)]);

    [Fact]
    public void Verify_AnySeedButNoOtherWorld_IsFrozen()
    {
        WorldDigest.Verify(LoopOptions.Village with { Seed = 104 });

        Assert.Contains("expected one that was frozen", Assert.Throws<InvalidOperationException>(() => WorldDigest.Verify(LoopOptions.Village with { Users = 401 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnotherWorld_IsAnotherDigest()
    {
        var small = new WorldOptions { Users = 50, RoomsPerDay = 100 };

        Assert.Equal(WorldDigest.Of(small), WorldDigest.Of(small));
        Assert.NotEqual(WorldDigest.Of(small), WorldDigest.Of(small with { Seed = 2 }));
        Assert.NotEqual(WorldDigest.Of(small), WorldDigest.Of(small with { PositionBias = 0.11 }));
    }

    [Fact]
    public void Request_AskedInAnyOrder_IsTheSame()
    {
        var other = new World();
        var late = other.Request(4, 7);
        other.Request(2, 1);

        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(s_world.Request(4, 7)), System.Text.Json.JsonSerializer.Serialize(late));
        Assert.Equal(s_world.Probabilities(s_world.Request(4, 7)), other.Probabilities(late));
    }

    [Fact]
    public void Request_Candidates_AreDifferentRoomsThatAreOpen()
    {
        var request = s_world.Request(3, 5);

        Assert.Equal(s_world.Options.Candidates, request.Candidates.Select(candidate => candidate.RoomId).Distinct().Count());
        Assert.All(request.Candidates, candidate => Assert.InRange(candidate.HoursOpen, 0, 24 * s_world.Options.LongestRoom));
    }

    // New rooms arrive daily, some of authors nobody has seen, and have no counts.
    [Fact]
    public void Request_OfSomeDays_HasColdRoomsAndNewAuthors()
    {
        var candidates = Enumerable.Range(0, 200).SelectMany(number => s_world.Request(number % 5, number).Candidates).ToList();

        Assert.Contains(candidates, candidate => candidate.Exposures == 0);
        Assert.InRange(candidates.Count(candidate => candidate.AuthorIsNew) / (double)candidates.Count, 0.01, 0.1);
        Assert.All(candidates, candidate => Assert.All(candidate.Counts, count => Assert.InRange(count, 0, candidate.Exposures)));
    }

    // Ecology tables need all of them.
    [Fact]
    public void Request_OfADay_HasEveryGroupOfUsers()
    {
        var users = Enumerable.Range(0, 500).Select(number => s_world.Request(0, number)).DistinctBy(request => request.UserId).ToList();

        Assert.Equal(6, users.Select(user => (user.Activity, user.PrefersInRoom)).Distinct().Count());
        Assert.InRange(users.Count(user => user.UserCounts[Objectives.Gift] == 0) / (double)users.Count, 0.05, 0.7);
    }

    [Fact]
    public void Feedback_Rates_GoFromOneInTwoToOneInAHundred()
    {
        var rates = Enumerable.Range(0, Objectives.Names.Count).Select(s_log.Value.Rate).ToArray();

        Assert.Equal(rates.OrderDescending(), rates);
        Assert.InRange(rates[Objectives.Click], 0.4, 0.6);
        Assert.InRange(rates[Objectives.Gift], 0.007, 0.02);
    }

    // Pantheon's Table 1: the fused score keeps 0.60 to 0.97 of what separate scores reach above chance, 0.82 on average.
    [Fact]
    public void Probabilities_Objectives_AgreeAboutAsMuchAsInThePaper()
    {
        var log = s_log.Value;
        var ceiling = Gauc.ComputeEach(log.Truth, log.Labels);
        var single = Gauc.Compute(log.Sum(), log.Labels);

        Assert.InRange(ceiling.Mean, 0.74, 0.82);
        Assert.InRange((single.Mean - 0.5) / (ceiling.Mean - 0.5), 0.76, 0.86);
    }

    // The probabilities are what feedback is drawn from.
    [Fact]
    public void Feedback_ManyTimes_ComesAsOftenAsItsProbabilitiesSay()
    {
        for (var objective = 0; objective < Objectives.Names.Count; objective++)
        {
            var (rate, expected) = (s_log.Value.Rate(objective), s_log.Value.Expected(objective));
            Assert.InRange(rate, expected - (4 * Math.Sqrt(expected / s_log.Value.Count)), expected + (4 * Math.Sqrt(expected / s_log.Value.Count)));
        }
    }

    [Fact]
    public void Feedback_TwiceTheSamePlace_ComesToTheSame()
    {
        var request = s_world.Request(1, 3);
        FeedItem[] one = [new(true, 0), new(true, 1), new(true, 2)], other = [new(true, 5), new(true, 1), new(true, 7)];

        var (first, second) = (s_world.Feedback(request, one), new World().Feedback(request, other));

        Assert.Equal(first[1], second[1]);
    }

    [Fact]
    public void Feedback_Labels_AgreeWithTheSeconds() => Assert.All(s_log.Value.Outcomes, outcome =>
    {
        Assert.Equal(outcome.Has(Objectives.LongView), outcome.WatchSeconds > 60);
        Assert.Equal(outcome.Has(Objectives.Click), outcome.InRoomSeconds > 0);
        Assert.InRange(outcome.InRoomSeconds, 0, outcome.WatchSeconds);
    });

    [Fact]
    public void Feedback_DownAFeed_IsSeenLessAndLess()
    {
        var seen = new int[20];
        for (var number = 0; number < 400; number++)
        {
            var request = s_world.Request(0, number);
            var outcomes = s_world.Feedback(request, [.. Enumerable.Range(0, seen.Length).Select(index => new FeedItem(true, index))]);
            Assert.Equal(outcomes.Select(outcome => outcome.Seen).OrderDescending(), outcomes.Select(outcome => outcome.Seen));
            for (var position = 0; position < seen.Length; position++)
            {
                seen[position] += outcomes[position].Seen ? 1 : 0;
            }
        }

        Assert.Equal(400, seen[0]);
        Assert.InRange(seen[10], 40, 200);
    }

    [Fact]
    public void Probabilities_FurtherDown_AreLower()
    {
        var request = s_world.Request(0, 0);
        Span<double> top = stackalloc double[7], low = stackalloc double[7], bare = stackalloc double[7];
        s_world.Probabilities(request, 3, 0, top);
        s_world.Probabilities(request, 3, 7, low);
        s_world.Probabilities(request, 3, null, bare);

        Assert.Equal(bare.ToArray(), top.ToArray());
        Assert.Equal(Math.Log(top[0] / (1 - top[0])) - (3 * s_world.Options.PositionBias), Math.Log(low[0] / (1 - low[0])), 1e-9);
    }

    // What a user likes today tells less and less of what the same user likes later.
    [Fact]
    public void Taste_OverWeeks_Turns()
    {
        double Likeness(int days) => Enumerable.Range(1, 200).Select(id => new Person(s_world.Options, id))
            .Average(person => person.Taste(0).Zip(person.Taste(days), (then, now) => then * now).Sum() / Math.Sqrt(person.Taste(0).Sum(part => part * part) * person.Taste(days).Sum(part => part * part)));

        Assert.True(Likeness(1) > 0.99);
        Assert.InRange(Likeness(50), -0.1, 0.5);
    }

    [Fact]
    public void New_OptionsOutOfRange_AreRefused() => Assert.All(
        [new WorldOptions { Users = 0 }, new WorldOptions { Candidates = 1000 }, new WorldOptions { SharedTaste = 2 }, new WorldOptions { Patience = 1 }],
        options => Assert.Throws<ArgumentException>(() => new World(options)));
}
