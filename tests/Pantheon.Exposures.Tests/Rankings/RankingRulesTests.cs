using Pantheon.Exposures.Rankings;

namespace Pantheon.Exposures.Tests.Rankings;

public sealed class RankingRulesTests
{
    [Fact]
    public void Check_WhatCannotBeStored_SaysFieldGotAndExpected()
    {
        var good = Sample.Ranking();
        Assert.Null(RankingRules.Check(good));
        Assert.Equal("id: got 00000000-0000-0000-0000-000000000000, expected a UUID of version 7", Message(good with { Id = Guid.Empty }));
        Assert.Equal("arm: got 0, expected a known arm", Message(good with { Arm = 0 }));
        Assert.Equal("request_id: got a text with U+0000 or half a surrogate pair, expected text", Message(good with { RequestId = "\ud800" }));
        Assert.Equal("request_id: got a text with U+0000 or half a surrogate pair, expected text", Message(good with { RequestId = "a\U0001F3A5b\ude00c" }));
        Assert.Null(Message(good with { RequestId = "a\U0001F3A5\U0001F3A5b" }));
        Assert.StartsWith("scenario: got 'sss", Message(good with { Scenario = new string('s', 1025) }), StringComparison.Ordinal);
        Assert.Equal("items[0].position: got -1, expected at least 0", Message(good with { Items = [new RankedExposure(-1, 1, 1)] }));
        Assert.Equal("items: got 65537, expected at most 65536 items", Message(good with { Items = new RankedExposure[65_537] }));
        Assert.Equal("candidates: got -1, expected at least 0", Message(good with { Candidates = -1 }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Check_PropensityThatIsNoProbability_IsRefused(double propensity) =>
        Assert.EndsWith("expected above 0 and at most 1", Message(Sample.Ranking() with { Items = [new RankedExposure(0, 1, 1, propensity)] }), StringComparison.Ordinal);

    private static string? Message(Ranking ranking) => RankingRules.Check(ranking)?.Message;
}
