using System.Runtime.CompilerServices;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Requests;

public sealed class RankQueryTests
{
    private readonly PinnedPool _memory = new();
    private readonly RankQueryPool _queries;

    public RankQueryTests() => _queries = new RankQueryPool(_memory);

    [Fact]
    public void Dispose_Filled_GivesMemoryBackAndForgetsEverything()
    {
        var first = Filled();
        Assert.NotEqual(0, _memory.OutstandingBytes);
        Assert.Equal(8 + 12 + (4 + 4) + 4, first.FeatureBytes);
        first.Dispose();
        Assert.Equal(0, _memory.OutstandingBytes);
        using var second = _queries.Rent();
        Assert.Same(first, second);
        Assert.Equal(("", "", 0, 0L), (second.RequestId, second.Model, second.TopK, second.FeatureBytes));
        Assert.Empty(second.UserFeatures);
        Assert.Empty(second.CandidateFeatures);
        Assert.False(second.WantAll);
        Assert.Null(second.DecodeFault);
        // The columns are reused, and empty.
        var column = second.AddFeature(ofUser: false);
        Assert.Equal(("", 0, 0L, 0), (column.Name, column.StatedType, column.ByteCount, column.TextCount));
    }

    [Fact]
    public void Dispose_Twice_IsRefused()
    {
        var query = _queries.Rent();
        query.Dispose();
        Assert.Throws<InvalidOperationException>(query.Dispose);
        using var first = _queries.Rent();
        using var second = _queries.Rent();
        Assert.NotSame(first, second);
    }

    [Fact]
    public void Text_SeveralAndEmpty_AreKeptApart()
    {
        using var query = _queries.Rent().Texts(true, "t", "", "one", "", "\u6f22", "");
        var column = query.UserFeatures[0];
        Assert.Equal(["", "one", "", "\u6f22", ""], Enumerable.Range(0, column.TextCount).Select(i => System.Text.Encoding.UTF8.GetString(column.Text(i))));
    }

    [Fact]
    public void Finalizer_RentedQueryLost_GivesMemoryBack()
    {
        Lose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, _memory.OutstandingBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Lose()
    {
        Filled();
        Assert.NotEqual(0, _memory.OutstandingBytes);
    }

    private RankQuery Filled()
    {
        var query = _queries.Rent().Int64s(true, "a", 1).Floats(false, "b", 1, 2, 3).Texts(false, "c", "text").Ids(1, 2).Top(3).All();
        // Text bytes and where each ends: 4 and 4. Ids are no feature.
        query.Data(false, "d", 2, (byte)0, (byte)0, (byte)0, (byte)0);
        query.RequestId = query.Model = query.Scenario = query.UserKey = "x";
        query.DecodeFault = RankFault.Invalid("a", "b", "c");
        return query;
    }
}
