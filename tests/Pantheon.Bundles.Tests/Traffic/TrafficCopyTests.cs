namespace Pantheon.Bundles.Tests.Traffic;

public sealed class TrafficCopyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder["state"], "copy.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Assert.Null(new TrafficCopy(Path).Read());
        var table = TrafficTable.Undeclared(1, null).Promote(2, new TrafficAsk("ada", "", DateTimeOffset.UnixEpoch));
        new TrafficCopy(Path).Write(new Dictionary<string, TrafficTable>());
        Assert.Empty(new TrafficCopy(Path).Read()!);
        new TrafficCopy(Path).Write(new Dictionary<string, TrafficTable> { ["feed"] = table });

        var (model, read) = Assert.Single(new TrafficCopy(Path).Read()!);

        Assert.Equal(("feed", 2, 1), (model, read.Base, read.Revision));
        Assert.Equal(["copy.json"], Directory.EnumerateFileSystemEntries(_folder["state"]).Select(System.IO.Path.GetFileName));
    }

    [Theory]
    [InlineData("", "The input does not contain any JSON tokens")]
    [InlineData("null", "null, expected tables by model")]
    [InlineData("""{"feed":{"schema_version":1,"revision":1,"base":0}}""", "feed: a version below 1")]
    public void Read_NoCopy_SaysWhy(string content, string expected)
    {
        Directory.CreateDirectory(_folder["state"]);
        File.WriteAllText(Path, content);
        var message = Assert.Throws<BundleException>(() => new TrafficCopy(Path).Read()).Message;
        Assert.StartsWith($"{Path}: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FolderIsAFile_IsRefused()
    {
        File.WriteAllText(_folder["state"], "");
        Assert.StartsWith($"{Path}: ", Assert.Throws<BundleException>(() => new TrafficCopy(Path).Write(new Dictionary<string, TrafficTable>())).Message, StringComparison.Ordinal);
    }
}
