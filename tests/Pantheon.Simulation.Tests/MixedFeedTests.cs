namespace Pantheon.Simulation.Tests;

/// <summary>What Pantheon section 4 says of a score's mean and variance, and that aligning both takes it back.</summary>
public sealed class MixedFeedTests
{
    private const int Slots = 12;
    private static readonly World s_world = new();

    [Fact]
    public void Of_BothKinds_AreInTheOrderOfTheirScores() => Assert.Equal(
        [new FeedItem(true, 1), new(false, 0), new(true, 0)],
        MixedFeed.Of([0.4, 0.9], [new ShortVideo(1, 0.5), new ShortVideo(2, 0.1)], 3));

    [Fact]
    public void Of_HigherMean_GivesRoomsMorePlaces() => Assert.True(Shown(0.35, 0.1).Share > 1.2 * Shown(0.3, 0.1).Share);

    [Fact]
    public void Of_LargerVariance_GivesRoomsEarlierPlaces() => Assert.True(Shown(0.3, 0.2).Position < Shown(0.3, 0.1).Position - 0.5);

    [Fact]
    public void Of_ScoresAlignedToTheBaseline_HaveItsShareAndPosition()
    {
        var (baseline, aligned) = (Shown(0.3, 0.1), Shown(0.35, 0.2, score => 0.3 + (0.1 * (score - 0.35) / 0.2)));

        Assert.Equal(baseline.Share, aligned.Share, 1e-9);
        Assert.Equal(baseline.Position, aligned.Position, 1e-9);
    }

    private static (double Share, double Position) Shown(double mean, double deviation, Func<double, double>? calibrate = null)
    {
        var (places, positions) = (0, 0.0);
        const int Requests = 200;
        for (var number = 0; number < Requests; number++)
        {
            var request = s_world.Request(0, number);
            // A score of some spread: the true probabilities of a click, standardised over the request.
            var clicks = s_world.Probabilities(request).Select(row => row[Objectives.Click]).ToArray();
            var (centre, spread) = (clicks.Average(), Math.Sqrt(clicks.Average(click => click * click) - Math.Pow(clicks.Average(), 2)));
            var scores = clicks.Select(click => mean + (deviation * (click - centre) / spread)).Select(score => calibrate?.Invoke(score) ?? score).ToArray();
            var feed = MixedFeed.Of(scores, s_world.ShortVideos(request, scores.Length), Slots);
            for (var position = 0; position < feed.Length; position++)
            {
                places += feed[position].IsLive ? 1 : 0;
                positions += feed[position].IsLive ? position : 0;
            }
        }

        return (places / (double)(Requests * Slots), positions / places);
    }
}
