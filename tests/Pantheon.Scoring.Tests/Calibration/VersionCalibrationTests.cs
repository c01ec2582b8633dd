using Pantheon.Bundles;
using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Tests.Calibration;

public sealed class VersionCalibrationTests
{
    private static readonly CalibrationOptions s_options = new() { HalfLifeSeconds = 100, MinScores = 100, MinRequests = 10 };

    private static readonly CalibrationSpec s_bundle = new()
    {
        Own = new Moments(0, 1),
        Baseline = new Moments(1, 2),
        Scenarios = new Dictionary<string, ScenarioCalibration> { ["home"] = new(new Moments(0, 1), new Moments(3, 2)) },
    };

    private readonly ManualClock _clock = new();

    [Fact]
    public void Slot_WithoutAFrozenBaseline_IsTheBundlesWhateverWasMeasured()
    {
        var calibration = New(s_bundle, null);
        Feed(calibration, "", requests: 50);
        calibration.Update(null);

        Assert.Equal((OwnMoments.Bundle, 1f, 3f), (calibration.Slot("").Source, calibration.Slot("").Calibrator!.Apply(0f), calibration.Slot("home").Calibrator!.Apply(0f)));
        Assert.NotNull(calibration.Slot("").Trusted);
        Assert.False(New(null, null).IsCalibrated);
    }

    [Theory]
    [InlineData(10, 10, true)]
    [InlineData(9, 100, false)]
    [InlineData(50, 1, false)]
    public void Update_UnderAFrozenBaseline_TrustsOwnMomentsOnceTheyWeighEnoughInScoresAndRequests(int requests, int scores, bool trusted)
    {
        var calibration = New(s_bundle, Baseline(mean: 5, std: 1));
        Feed(calibration, "", requests, scores);
        Assert.Equal((OwnMoments.Bundle, 5f), (calibration.Slot("").Source, calibration.Slot("").Calibrator!.Apply(0f)));

        calibration.Update(Baseline(mean: 5, std: 1));

        Assert.Equal(trusted, calibration.Slot("").Trusted is not null);
        Assert.Equal(trusted ? OwnMoments.Streamed : OwnMoments.Bundle, calibration.Slot("").Source);
        if (trusted)
        {
            // Scores of 10 and 30 on a baseline of 5 and 1.
            Assert.Equal((4f, 6f), (calibration.Slot("").Calibrator!.Apply(10f), calibration.Slot("").Calibrator!.Apply(30f)));
        }
    }

    [Fact]
    public void Update_ABundleWithoutMoments_IsRawUntilItsOwnAreTrusted()
    {
        var calibration = New(null, Baseline(5, 1));
        Assert.False(calibration.IsCalibrated);
        Feed(calibration, "", 10);
        calibration.Update(Baseline(5, 1));
        Assert.True(calibration.IsCalibrated);
    }

    [Fact]
    public void Update_TurnedOff_KeepsTheBundlesMoments()
    {
        var calibration = new VersionCalibration(s_bundle, Baseline(5, 1), s_options with { Streaming = false }, _clock);
        Feed(calibration, "", 50);
        calibration.Update(Baseline(5, 1));
        Assert.Equal((OwnMoments.Bundle, 5f), (calibration.Slot("").Source, calibration.Slot("").Calibrator!.Apply(0f)));
    }

    [Fact]
    public void Update_MomentsThatFaded_KeepsWhatWasTrustedLast()
    {
        var calibration = New(s_bundle, Baseline(5, 1));
        Feed(calibration, "", 20);
        calibration.Update(Baseline(5, 1));
        _clock.Advance(TimeSpan.FromSeconds(500));
        // One request of a quiet night.
        calibration.Slot("").Stream.Add(ScoreMoments.Of([1000, 1001]));

        calibration.Update(Baseline(5, 1));

        Assert.Equal((OwnMoments.Streamed, new Moments(20, 10)), (calibration.Slot("").Source, calibration.Slot("").Trusted));
    }

    [Theory]
    [InlineData(7f, 7f)]
    // The two floats next to each other: a standard deviation of rounding.
    [InlineData(1_000_000f, 1_000_000.06f)]
    [InlineData(0f, 0f)]
    public void Update_ScoresThatAreAllAlike_KeepsWhatWasTrustedLast(float one, float other)
    {
        var calibration = New(s_bundle, Baseline(5, 1));
        for (var request = 0; request < 1000; request++)
        {
            calibration.Slot("").Stream.Add(ScoreMoments.Of([one, other]));
        }

        calibration.Update(Baseline(5, 1));
        Assert.Equal(OwnMoments.Bundle, calibration.Slot("").Source);

        _clock.Advance(TimeSpan.FromDays(1));
        Feed(calibration, "", 20);
        calibration.Update(Baseline(5, 1));
        var good = calibration.Slot("").Trusted!;
        Assert.Equal(20, good.Mean, 1e-9);
        Assert.Equal(10, good.Std, 1e-9);
        _clock.Advance(TimeSpan.FromDays(1));
        for (var request = 0; request < 1000; request++)
        {
            calibration.Slot("").Stream.Add(ScoreMoments.Of([one, other]));
        }

        calibration.Update(Baseline(5, 1));
        Assert.Equal((OwnMoments.Streamed, good), (calibration.Slot("").Source, calibration.Slot("").Trusted));
    }

    [Fact]
    public void Slot_NamesThatNobodyConfigured_ShareTheDefault()
    {
        var calibration = New(s_bundle, Baseline(5, 1, ("search", 7, 1)));
        var slots = calibration.Slots;
        Assert.Equal(["", "home", "search"], slots.Select(slot => slot.Scenario));
        for (var name = 0; name < 1000; name++)
        {
            Assert.Same(slots[0], calibration.Slot($"invented {name}"));
        }
    }

    [Fact]
    public void Update_AScenarioWithoutAPairOfItsOwn_HasTheDefaults()
    {
        var baseline = Baseline(5, 1, ("search", 7, 1));
        var calibration = New(s_bundle, baseline);
        // The frozen baseline says nothing of "home", and nothing was measured of "search" yet.
        Assert.Equal((5f, 5f), (calibration.Slot("home").Calibrator!.Apply(0f), calibration.Slot("search").Calibrator!.Apply(0f)));

        Feed(calibration, "search", 20);
        calibration.Update(baseline);

        Assert.Equal((OwnMoments.Bundle, OwnMoments.Streamed), (calibration.Slot("").Source, calibration.Slot("search").Source));
        Assert.Equal((5f, 7f), (calibration.Slot("").Calibrator!.Apply(0f), calibration.Slot("search").Calibrator!.Apply(20f)));
        calibration.Update(null);
        Assert.Equal(["", "home"], calibration.Slots.Select(slot => slot.Scenario));
        Assert.Equal(3f, calibration.Slot("home").Calibrator!.Apply(0f));
    }

    [Fact]
    public void Scale_Jumps_AreCounted()
    {
        var calibration = New(s_bundle, null);
        var scale = calibration.Scale;
        calibration.Update(null);
        Assert.Equal(scale, calibration.Scale);
        calibration.Update(Baseline(5, 1));
        Assert.Equal(scale + 1, calibration.Scale);
        Feed(calibration, "", 20);
        calibration.Update(Baseline(5, 1));
        Assert.Equal(scale + 2, calibration.Scale);
        Feed(calibration, "", 20);
        calibration.Update(Baseline(5, 1));
        Assert.Equal(scale + 2, calibration.Scale);
        calibration.Update(Baseline(5, 1) with { Version = 2 });
        Assert.Equal(scale + 3, calibration.Scale);
    }

    [Fact]
    public void SetOthers_WhatWasMeasuredElsewhere_CountsByItsAge()
    {
        var calibration = New(null, Baseline(5, 1));
        Feed(calibration, "", 5);
        var other = new OtherMoments(
            new Dictionary<string, StreamedMoments> { [""] = new(new ScoreMoments(400, 30, 400 * 25), 40) }, _clock.GetUtcNow() - TimeSpan.FromHours(1), Age: 100);
        calibration.SetOthers([other]);
        _clock.Advance(TimeSpan.FromSeconds(100));
        calibration.Update(Baseline(5, 1));

        var measured = calibration.Slot("").Measured;
        // Own: 5 requests of 100 scores of 10 and 30, half of it left; the other's a quarter.
        Assert.Equal((2.5 + 10, 250 + 100.0), (measured.Requests, measured.Scores.Count));
        Assert.Equal(((20 * 250) + (30 * 100)) / 350.0, measured.Scores.Mean, 1e-9);
        Assert.Equal(other.From, calibration.MeasuredFrom);
        Assert.Equal(OwnMoments.Streamed, calibration.Slot("").Source);
        // Replaced, not added.
        calibration.SetOthers([]);
        calibration.Update(Baseline(5, 1));
        Assert.Equal(2.5, calibration.Slot("").Measured.Requests);
    }

    [Fact]
    public async Task Update_WhileRequestsAreScored_NeverMixesAndNeverTurnsTheOrder()
    {
        var calibration = New(s_bundle, null);
        using var stop = new CancellationTokenSource();
        var updates = Task.Run(() =>
        {
            for (var version = 1; !stop.IsCancellationRequested; version++)
            {
                // Each baseline's mean is ten times its standard deviation.
                calibration.Update(version % 7 == 0 ? null : Baseline(10 * version, version) with { Version = version });
            }
        });
        var random = new Random(1);
        for (var request = 0; request < 20_000; request++)
        {
            var slot = calibration.Slot("", out _);
            slot.Stream.Add(ScoreMoments.Of([10, 30]));
            var (low, high) = (slot.Calibrator!.Apply(1f), slot.Calibrator.Apply(2f));
            Assert.True(high > low);
            if (slot.Source == OwnMoments.Streamed)
            {
                Assert.Equal(slot.Baseline!.Std * 10, slot.Baseline.Mean);
                Assert.Equal(slot.Baseline.Mean, slot.Calibrator.Apply(20f), 1e-5 * slot.Baseline.Mean);
            }
        }

        await stop.CancelAsync();
        await updates;
    }

    private static FrozenBaseline Baseline(double mean, double std, params (string Scenario, double Mean, double Std)[] scenarios) => new()
    {
        Version = 1,
        Default = new FrozenMoments(mean, std, 1, 1),
        Scenarios = scenarios.ToDictionary(scenario => scenario.Scenario, scenario => new FrozenMoments(scenario.Mean, scenario.Std, 1, 1)),
        Source = new BaselineSource("m", 1, "sha256:0", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
        At = DateTimeOffset.UnixEpoch,
        By = "test",
        Reason = "",
    };

    // Half of the scores 10, half 30: mean 20, standard deviation 10.
    private static void Feed(VersionCalibration calibration, string scenario, int requests, int scores = 100)
    {
        for (var request = 0; request < requests; request++)
        {
            calibration.Slot(scenario).Stream.Add(ScoreMoments.Of([.. Enumerable.Range(0, scores).Select(score => score % 2 == 0 ? 10f : 30f)]));
        }
    }

    private VersionCalibration New(CalibrationSpec? bundle, FrozenBaseline? baseline) => new(bundle, baseline, s_options, _clock);
}
