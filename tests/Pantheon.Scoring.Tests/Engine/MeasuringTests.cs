using Pantheon.Bundles;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Rollout;
using Pantheon.Scoring.Tests.Hosting;
using Pantheon.Scoring.TopK;

namespace Pantheon.Scoring.Tests.Engine;

/// <summary>What a version is told of the requests that it scored.</summary>
public sealed class MeasuringTests
{
    [Fact]
    public async Task RankAsync_RequestsOfScenarios_AreMeasuredWhereTheyBelongAndPinsNowhere()
    {
        using var service = new TestService(new ManualClock());
        var home = new ScenarioCalibration(new Moments(0, 1), new Moments(3, 2));
        var model = service.Serve(TestBundles.Echo with
        {
            NonFiniteScores = NonFiniteScores.Drop,
            Calibration = new CalibrationSpec { Own = new Moments(0, 1), Baseline = new Moments(1, 2), Scenarios = new Dictionary<string, ScenarioCalibration> { ["home"] = home } },
        });
        async Task RankAsync(string scenario, long version, params float[] x)
        {
            var query = service.Ask("echo").Floats(false, "x", x);
            (query.Scenario, query.Version) = (scenario, version);
            Assert.Null((await service.RankAsync(query)).Fault);
        }

        await RankAsync("home", 0, 1, 3);
        await RankAsync("", 0, 5);
        await RankAsync("anything", 0, 7, float.NaN);
        await RankAsync("home", model.Version, 1000, 2000);

        Assert.Equal(new StreamedMoments(new ScoreMoments(2, 2, 2), 1), model.Calibration.Slot("home").Stream.Now);
        // Raw, and what is not a number is left out.
        Assert.Equal(new StreamedMoments(new ScoreMoments(2, 6, 2), 2), model.Calibration.Slot("").Stream.Now);
        // As answered, pins too.
        Assert.Equal((4, 6), (model.Statistics.All.Requests, model.Statistics.All.Scores.Count));
    }

    [Fact]
    public async Task RankAsync_MoreCandidatesThanAreReturned_OnlyThoseAreMeasured()
    {
        using var service = new TestService(new ManualClock());
        var model = service.Serve(TestBundles.Echo);
        async Task RankAsync(Action<RankQuery> set)
        {
            var query = service.Ask("echo").Floats(false, "x", 1, 9, 3, 5);
            set(query);
            Assert.Null((await service.RankAsync(query)).Fault);
        }

        await RankAsync(query => query.TopK = 2);
        var best = new StreamedMoments(ScoreMoments.Of([5, 9]), 1);
        Assert.Equal(best, model.Calibration.Slot("").Stream.Now);
        Assert.Equal(best.Scores, model.Statistics.All.Scores);

        await RankAsync(query => query.WantAll = true);
        Assert.Equal(best + new StreamedMoments(ScoreMoments.Of([1, 9, 3, 5]), 1), model.Calibration.Slot("").Stream.Now);
    }

    [Fact]
    public async Task RankAsync_DrawnAtRandom_IsMeasuredAsARequestAndNotByItsScores()
    {
        using var service = new TestService(new ManualClock(), exploration: new ExplorationOptions { Share = 1 });
        var model = service.Serve(TestBundles.Echo);

        Assert.Null((await service.RankAsync(service.Ask("echo").Floats(false, "x", 1, 9, 3, 5))).Fault);

        Assert.Equal(default, model.Calibration.Slot("").Stream.Now);
        Assert.Equal((1, 0), (model.Statistics.All.Requests, model.Statistics.All.Scores.Count));
    }

    [Fact]
    public void Statistics_ScoresOfTwoScales_AreOfTheNewerOnly()
    {
        var statistics = new VersionStatistics(new ManualClock());
        VersionFigures Figures(float score) => new() { Requests = 1, Scores = ScoreMoments.Of([score]) };

        statistics.Add(Figures(100), scale: 1);
        statistics.Add(Figures(1), scale: 2);
        // One that was scored before the jump and ends after it.
        statistics.Add(Figures(100), scale: 1);
        statistics.Add(new VersionFigures { Requests = 1, Failures = 1 }, scale: 0);

        Assert.Equal(2, statistics.Scale);
        Assert.Equal((4, 1, ScoreMoments.Of([1])), (statistics.All.Requests, statistics.All.Failures, statistics.All.Scores));
        Assert.Equal(statistics.All, statistics.Recent);
    }
}
