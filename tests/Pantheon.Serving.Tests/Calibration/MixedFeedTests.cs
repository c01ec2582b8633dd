using Pantheon.Contracts.V1;
using Pantheon.Rig;
using Pantheon.Simulation;
using CalibrationsClient = Pantheon.Contracts.V1.Calibrations.CalibrationsClient;
using ModelsClient = Pantheon.Contracts.V1.Models.ModelsClient;

namespace Pantheon.Serving.Tests.Calibration;

/// <summary>
/// Pantheon, section 4: what two versions show in one feed with short videos, in a real service. By their raw scores they show rooms how often and how early their scales
/// have it; by moments that the service itself measured they show them alike.
/// </summary>
public sealed class MixedFeedTests : IDisposable
{
    private const int Slots = 12;
    private const int Requests = 1500;
    // Of 50 candidates.
    private const int Top = 20;

    private readonly TemporaryFolder _repository = new();
    private readonly World _world = new();

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Feeds_OfTwoVersions_AreAlignedOnceTheBaselineIsFrozenAndAreNotBefore()
    {
        // One that knows clicks, and one that looks at long views too, on another scale.
        ScaledModel.Publish(_repository.Path, 1, weight: 1, slope: 0.5f, shift: 0);
        ScaledModel.Publish(_repository.Path, 2, weight: 0.8f, slope: 2, shift: -0.4f);
        // Half of the users each; a guard would take the traffic of such a version away.
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "Calibration:MinRequests=500", "Rollout:Guard:Enabled=false");
        var models = new ModelsClient(service.Channel);
        await models.PromoteAsync(new PromoteModelRequest { Model = ScaledModel.Name, Version = 1 }, deadline: Soon);
        await models.SetCanaryAsync(new SetCanaryRequest { Model = ScaledModel.Name, Version = 2, Percent = 50 }, deadline: Soon);

        var before = await FeedAsync(service, day: 0);
        var frozen = await new CalibrationsClient(service.Channel).FreezeAsync(
            new FreezeBaselineRequest { Model = ScaledModel.Name, Requester = new Requester { Name = "ada", Reason = "what users are used to" } }, deadline: Soon);
        // Other requests of the same audience.
        var after = await FeedAsync(service, day: 1);

        Assert.Equal((1, 1, "ada"), (frozen.Baseline.Version, frozen.Baseline.SourceVersion, frozen.Baseline.Requester));
        Assert.Equal([MomentsSource.Streamed, MomentsSource.Streamed], frozen.Versions.Select(version => version.Scenarios[0].Source));
        Assert.Equal([false, false], before.Select(shown => shown.Calibrated));
        Assert.Equal([true, true], after.Select(shown => shown.Calibrated));
        Assert.True(before[1].Share > 1.3 * before[0].Share, $"before: shares {before[0].Share} and {before[1].Share}");
        Assert.True(before[1].Position < before[0].Position - 0.5, $"before: positions {before[0].Position} and {before[1].Position}");
        // Beside chance (750 feeds each: 0.01 of a share, 0.1 of a position) there is what two moments do not say: the long views' longer tail.
        Assert.Equal(after[0].Share, after[1].Share, 0.03);
        Assert.Equal(after[0].Position, after[1].Position, 0.4);
        // And the base's feeds are what they were.
        Assert.Equal(before[0].Share, after[0].Share, 0.03);
        Assert.Equal(before[0].Position, after[0].Position, 0.3);
        Assert.Empty(service.Errors);
    }

    /// <summary>Share of places that rooms get, and their mean place, by version.</summary>
    private async Task<(double Share, double Position, bool Calibrated)[]> FeedAsync(ServiceProcess service, int day)
    {
        var (feeds, places, positions, calibrated) = (new int[2], new int[2], new double[2], new int[2]);
        for (var number = 0; number < Requests; number++)
        {
            var request = _world.Request(day, number);
            var truth = _world.Probabilities(request);
            var answer = await new ScoringClient(service.Channel).RankAsync(
                ScaledModel.Request($"{request.UserId}", Column(truth, Objectives.Click), Column(truth, Objectives.LongView), top: Top), deadline: Soon);
            var version = (int)answer.Version - 1;
            var feed = MixedFeed.Of([.. answer.Items.Select(item => (double)item.Score)], _world.ShortVideos(request, truth.Length), Slots);
            (feeds[version], calibrated[version]) = (feeds[version] + 1, calibrated[version] + (answer.Calibrated ? 1 : 0));
            for (var position = 0; position < feed.Length; position++)
            {
                places[version] += feed[position].IsLive ? 1 : 0;
                positions[version] += feed[position].IsLive ? position : 0;
            }
        }

        return [.. Enumerable.Range(0, 2).Select(version =>
            (places[version] / (double)(Slots * feeds[version]), positions[version] / places[version], calibrated[version] == feeds[version]))];
    }

    private static float[] Column(double[][] probabilities, int objective) => [.. probabilities.Select(row => (float)row[objective])];
}
