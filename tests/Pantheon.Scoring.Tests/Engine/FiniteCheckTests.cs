using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Engine;

public sealed class FiniteCheckTests : IDisposable
{
    private readonly TestService _service = new();

    public void Dispose() => _service.Dispose();

    // The check reads whole vectors: each place in one, and in what is left over, must be seen.
    [Fact]
    public async Task RankAsync_NaNAtEveryPlace_IsFoundThere()
    {
        _service.Serve(TestBundles.Log);
        for (var count = 1; count <= 64; count += count < 20 ? 1 : 11)
        {
            for (var place = 0; place < count; place++)
            {
                var values = Enumerable.Repeat(float.MaxValue, count).ToArray();
                values[place] = place % 2 == 0 ? float.NaN : float.NegativeInfinity;
                var fault = await _service.RefuseAsync(_service.Ask("log").Floats(false, "x", values));
                Assert.StartsWith($"candidate_features['x'] row {place} column 0: got ", fault.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task RankAsync_LargestAndSmallestNumbers_AreFinite()
    {
        _service.Serve(TestBundles.Log);
        var values = new[] { float.MaxValue, float.Epsilon, 1.1754942e-38f, 1f };
        var ranking = await _service.RankAsync(_service.Ask("log").Floats(false, "x", values));
        Assert.Equal([0, 3, 2, 1], ranking.Positions);
    }
}
