using Pantheon.Cli.Train;
using Pantheon.Contracts.V1;
using Pantheon.Learning.Publishing;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Train;

/// <summary>What was trained on somebody else's ranking model is what is served: raw ids in, the training's own Pxtrs and scores out.</summary>
public sealed class GivenSkewTests
{
    private const double Tolerance = 1e-5;

    [Fact]
    public Task Rank_TheirIdsShared_GivesTheScoresOfTheTraining() => AgreesAsync(GivenBundles.Ids, ["t_click", "t_view", "/Relu_3_output_0"]);

    [Fact]
    public Task Rank_UserAddedToTheirInputs_GivesTheScoresOfTheTraining() => AgreesAsync(GivenBundles.Columns, ["t_click", "t_view", "t_like"]);

    [Fact]
    public Task Rank_UserOnceForEveryCandidate_GivesTheScoresOfTheTraining() => AgreesAsync(GivenBundles.Repeated, ["t"]);

    private static async Task AgreesAsync(Func<Workplace, string> create, string[] states)
    {
        await using var service = await GivenService.StartAsync(create, states);
        var client = new Contracts.V1.Scoring.ScoringClient(service.Process.Channel);
        var (data, random) = (service.Data, new Random(3));
        var inputs = service.Bundle.Manifest.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var scores = new HashSet<float>();
        for (var number = 0; number < 20; number++)
        {
            var demo = new DemoRequest(
                data.Test.Start + random.Next(data.Test.Count), [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => data.Test.Start + random.Next(data.Test.Count))]);
            var expected = service.Scorer.Score(data, demo.Candidates.ToArray(), demo.User);
            var request = DemoRequestFile.Make(data, demo, GivenService.Model, inputs);
            request.Output = new OutputOptions { All = true, Pxtrs = true, RawScores = true };

            var answer = await client.RankAsync(request, deadline: DateTime.UtcNow + Poll.Limit);

            Assert.Equal(demo.Candidates.Count, answer.Items.Count);
            foreach (var item in answer.Items)
            {
                Assert.Equal(expected.Scores[0][item.Position], item.RawScore, Tolerance);
                Assert.Equal(expected.Pxtrs.Select(column => column[item.Position]), item.Pxtrs, (x, y) => Math.Abs(x - y) <= Tolerance);
                scores.Add(item.RawScore);
            }
        }

        Assert.True(scores.Count > 100, "hardly any two candidates differ");
    }
}
