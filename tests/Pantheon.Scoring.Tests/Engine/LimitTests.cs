using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Engine;

public sealed class LimitTests
{
    // 4 KB of user features become 4 KB per candidate; the limit once counted them only as they came.
    [Fact]
    public async Task RankAsync_TiledUserAboveTheLimit_IsInvalid()
    {
        using var service = new TestService(options: new EngineOptions { MaxCandidates = 64, MaxFeatureBytes = 100_000 });
        service.Serve(TestBundles.WideTiled);
        Assert.Equal(24, (await service.RankAsync(Ask(service, 24).All())).Positions.Length);
        var fault = await service.RefuseAsync(Ask(service, 25));
        Assert.Equal(
            (RankFaultKind.Invalid, "user_features and candidate_features: got 102500 bytes of values with the user's repeated for 25 candidates, expected at most 100000"),
            (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task RankAsync_ExactlyAtEveryLimit_IsRanked()
    {
        using var service = new TestService(options: new EngineOptions { MaxCandidates = 32, MaxFeatureBytes = 128, MaxTopK = 32 });
        service.Serve(TestBundles.Echo);
        Assert.Equal(32, (await service.RankAsync(service.Ask("echo").Floats(false, "x", new float[32]).Top(32))).Positions.Length);
    }

    private static RankQuery Ask(TestService service, int candidates) =>
        service.Ask("wide-tiled").Floats(true, "user", new float[1024]).Floats(false, "x", new float[candidates]);
}
