namespace Pantheon.Bundles.Tests.Traffic;

public sealed class TrafficTableTests
{
    private static readonly TrafficAsk s_ask = new("ada", "because", DateTimeOffset.UnixEpoch);

    [Fact]
    public void Promote_Canary_IsTheBaseAndNoLongerOnTrial()
    {
        var table = TrafficTable.Undeclared(3, null).TryOut(4, 5, s_ask).Promote(4, s_ask);

        Assert.Equal((2, 4, null), (table.Revision, table.Base, table.Canary));
        Assert.Equal([3], table.Earlier);
        Assert.Equal(["canary", "promote"], table.History.Select(change => change.Action));
        Assert.Equal(("ada", "because", 4, 4), (table.History[1].By, table.History[1].Reason, table.History[1].Version, table.History[1].Base));
    }

    [Fact]
    public void Rollback_TrialAndEarlierBases_GoesBackStepByStep()
    {
        var table = TrafficTable.Undeclared(1, null).Promote(2, s_ask).Promote(3, s_ask).TryOut(4, 10, s_ask);

        table = table.Rollback(s_ask);
        Assert.Equal((3, null), (table.Base, table.Canary));
        table = table.Rollback(s_ask);
        Assert.Equal(2, table.Base);
        table = table.Rollback(s_ask);
        Assert.Equal(1, table.Base);
        Assert.Equal("there is no trial to end and no base before this one", Assert.Throws<TrafficException>(() => table.Rollback(s_ask)).Message);
    }

    [Fact]
    public void TryOut_LargerShare_KeepsTheSaltAndTheNextTrialHasAnother()
    {
        var first = TrafficTable.Undeclared(1, null).TryOut(2, 5, s_ask);
        var larger = first.TryOut(2, 50, s_ask);
        var next = larger.TryOut(2, 0, s_ask).TryOut(2, 5, s_ask);

        Assert.Equal(first.Canary!.Salt, larger.Canary!.Salt);
        Assert.NotEqual(first.Canary.Salt, next.Canary!.Salt);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100.5)]
    [InlineData(double.NaN)]
    public void TryOut_NoPercentage_IsInvalidWhateverTheTable(double percent) =>
        Assert.True(Assert.Throws<TrafficException>(() => TrafficTable.Undeclared(1, null).TryOut(2, percent, s_ask)).IsInvalid);

    [Fact]
    public void Changes_ThatMakeNoSense_SayWhy()
    {
        var table = TrafficTable.Undeclared(1, null).TryOut(2, 5, s_ask);

        string Refusal(Func<TrafficTable> change) => Assert.Throws<TrafficException>(change).Message;
        Assert.Equal("version 1 is the base already", Refusal(() => table.Promote(1, s_ask)));
        Assert.Equal("version 2 is under trial at 5 %: end that first, with a share of 0", Refusal(() => table.TryOut(3, 5, s_ask)));
        Assert.Equal("version 1 is the base: it has all the traffic that no canary has", Refusal(() => table.TryOut(1, 5, s_ask)));
        Assert.Equal("version 2 answers already; a shadow never does", Refusal(() => table.Compare(2, 100, s_ask)));
        Assert.Equal("version 2 has traffic: promote another one, or end its trial, first", Refusal(() => table.Unload(2, s_ask)));
        Assert.Equal("version 9 is not loaded", Refusal(() => table.Unload(9, s_ask)));
        Assert.Equal("version 2 is to be loaded already", Refusal(() => table.Load(2, s_ask)));
    }

    [Fact]
    public void Unload_TheBaseBefore_LeavesNothingToRollBackTo()
    {
        var table = TrafficTable.Undeclared(1, null).Promote(2, s_ask).Unload(1, s_ask);

        Assert.Equal([2], table.Wanted);
        Assert.Throws<TrafficException>(() => table.Rollback(s_ask));
    }

    [Fact]
    public void History_ManyChanges_KeepsTheNewest()
    {
        var table = TrafficTable.Undeclared(1, null);
        for (var i = 0; i < TrafficTable.KeptChanges + 10; i++)
        {
            table = table.Promote(2 + (i % 2), s_ask);
        }

        Assert.Equal(TrafficTable.KeptChanges, table.History.Count);
        Assert.Equal(table.Revision, table.History[^1].Revision);
        Assert.Equal([2, 3], table.Earlier.Append(table.Base).Where(version => version != 1).Order());
    }
}
