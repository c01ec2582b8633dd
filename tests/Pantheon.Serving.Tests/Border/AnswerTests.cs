using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Border;

/// <summary>What an answer holds, over the wire, from models whose scores the test knows.</summary>
[Collection(nameof(Service))]
public sealed class AnswerTests(Service service)
{
    [Fact]
    public async Task Rank_TiesAndTopK_AreExact()
    {
        var request = ProbeModel.Request(ProbeModel.Strict, 0, 0.25f, 0.5f, 0.5f, 0.125f, 0.75f);
        request.TopK = 4;

        var answer = await RankAsync(request);

        Assert.Equal([4, 1, 2, 0], answer.Items.Select(item => item.Position));
        Assert.Equal([0.75f, 0.5f, 0.5f, 0.25f], answer.Items.Select(item => item.Score));
        Assert.False(answer.Calibrated);
        Assert.Equal(Arm.Base, answer.Arm);
    }

    [Fact]
    public async Task Rank_TopKAboveTheCandidates_ReturnsThemAll()
    {
        var request = ProbeModel.Request(ProbeModel.Strict, 0, 0.25f, 0.5f);
        request.TopK = 100;

        Assert.Equal(2, (await RankAsync(request)).Items.Count);
    }

    [Fact]
    public async Task Rank_AllOutputs_IgnoresTopK()
    {
        var request = ProbeModel.Request(ProbeModel.Strict, 0, new float[200]);
        request.TopK = 3;
        request.Output = new OutputOptions { All = true };

        Assert.Equal(Enumerable.Range(0, 200), (await RankAsync(request)).Items.Select(item => item.Position));
    }

    [Fact]
    public async Task Rank_WordsAsIds_GoThroughTheVocabulary()
    {
        var request = ProbeModel.RequestOfWords("one", "two", "unheard of", "zero");
        request.Output = new OutputOptions { RawScores = true };

        var answer = await RankAsync(request);

        Assert.Equal([2, 1, 0, 3], answer.Items.Select(item => item.Position));
        Assert.Equal([0.009f, 0.002f, 0.001f, 0f], answer.Items.Select(item => item.RawScore));
    }

    [Theory]
    [InlineData("", 1.0)]
    [InlineData("home", 3.0)]
    [InlineData("elsewhere", 1.0)]
    public async Task Rank_Scenario_ChoosesTheMoments(string scenario, double shift)
    {
        var request = ProbeModel.RequestOfWords("two");
        request.Scenario = scenario;

        var answer = await RankAsync(request);

        Assert.True(answer.Calibrated);
        Assert.Equal(shift + 0.004, Assert.Single(answer.Items).Score, 1e-6);
    }

    [Fact]
    public async Task Rank_PinnedVersion_SaysSo()
    {
        var request = ProbeModel.Request(ProbeModel.Strict);
        request.Version = 1;

        Assert.Equal(Arm.Pinned, (await RankAsync(request)).Arm);
    }

    private async Task<RankResponse> RankAsync(RankRequest request) => await service.Client.RankAsync(request, deadline: Service.Soon);
}
