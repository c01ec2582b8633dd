using Grpc.Core;

namespace Pantheon.Grpc.Tests;

public sealed class MetadataTests
{
    [Fact]
    public void Add_KeyInCapitals_IsLowerCase()
    {
        var metadata = new Metadata { { "X-Key", "v" } };
        Assert.Equal("x-key", metadata[0].Key);
        Assert.Equal("v", metadata.GetValue("X-KEY"));
    }

    // Upstream takes an empty key, which no wire does.
    [Fact, Trait("Upstream", "differs")]
    public void Add_EmptyKey_Refused() => Assert.Throws<ArgumentException>(() => new Metadata { { "", "v" } });

    [Theory]
    [InlineData("with space")]
    [InlineData("ümlaut")]
    [InlineData("colon:")]
    public void Add_BadKey_Refused(string key) => Assert.Throws<ArgumentException>(() => new Metadata { { key, "v" } });

    [Fact]
    public void Add_TextUnderBinaryKeyOrBytesUnderTextKey_Refused()
    {
        Assert.Throws<ArgumentException>(() => new Metadata { { "key-bin", "text" } });
        Assert.Throws<ArgumentException>(() => new Metadata { { "key", [1] } });
    }

    [Fact]
    public void Get_Repeated_LastOfAll()
    {
        var metadata = new Metadata { { "k", "1" }, { "other", "x" }, { "k", "2" } };
        Assert.Equal("2", metadata.GetValue("k"));
        Assert.Equal(["1", "2"], metadata.GetAll("k").Select(entry => entry.Value));
        Assert.Null(metadata.GetValue("none"));
        Assert.Null(metadata.GetValueBytes("none-bin"));
    }

    [Fact]
    public void Value_OfBytes_Refused()
    {
        var entry = new Metadata.Entry("k-bin", [1, 2]);
        Assert.True(entry.IsBinary);
        Assert.Throws<InvalidOperationException>(() => entry.Value);
        Assert.Equal([1, 2], entry.ValueBytes);
    }

    [Fact]
    public void Empty_Add_Refused() => Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("k", "v"));
}
