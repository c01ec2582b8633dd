namespace Pantheon.Bundles.Tests.Traffic;

public sealed class TrafficFileTests : IDisposable
{
    private static readonly TrafficAsk s_ask = new("ada", "", DateTimeOffset.UnixEpoch);

    private readonly string _folder = Directory.CreateTempSubdirectory("traffic-").FullName;

    private TrafficFile File => new(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Assert.Null(File.Read());
        var table = TrafficTable.Undeclared(1, null).TryOut(2, 12.5, s_ask).Compare(3, 50, s_ask with { By = "grün", Reason = "\"quoted\"\n" });
        File.Write(table with { Revision = 1 });

        var read = File.Read()!;

        Assert.Equal((1, 1, table.Canary, table.Shadow), (read.Revision, read.Base, read.Canary, read.Shadow));
        Assert.Equal(table.History, read.History);
        Assert.Equal([".traffic.lock", TrafficTable.FileName], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_SomebodyWasQuicker_ChangesNothing()
    {
        var first = TrafficTable.Undeclared(1, null).Promote(2, s_ask);
        File.Write(first);
        var mine = first.Promote(3, s_ask);
        File.Write(first.Promote(4, s_ask));

        Assert.Throws<TrafficConflictException>(() => File.Write(mine));
        Assert.Equal(4, File.Read()!.Base);
    }

    [Fact]
    public async Task Write_ManyAtOnce_NoChangeIsLost()
    {
        const int Writers = 4;
        const int Changes = 25;
        File.Write(TrafficTable.Undeclared(1, null).Promote(2, s_ask));
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var done = 0; done < Changes;)
            {
                try
                {
                    var table = new TrafficFile(_folder).Read()!;
                    new TrafficFile(_folder).Write(table.Promote(table.Base == 2 ? 3 : 2, s_ask with { By = $"{writer}-{done}" }));
                    done++;
                }
                catch (TrafficConflictException)
                {
                    // Somebody else was quicker. A reader never sees a file that is being written.
                }
            }
        })));

        var history = File.Read()!.History;
        Assert.Equal(1 + (Writers * Changes), history.Count);
        Assert.Equal(Writers * Changes, history.Skip(1).Select(change => change.By).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, history.Count), history.Select(change => (int)change.Revision));
    }

    [Theory]
    [InlineData("", "0 bytes, expected 1 to 4194304")]
    [InlineData("{", "not a table of schema version 1")]
    [InlineData("null", "null, expected a table")]
    [InlineData("""{"schema_version":2,"revision":1,"base":1}""", "schema version 2, this service reads 1")]
    [InlineData("""{"schema_version":1,"revision":0,"base":1}""", "revision: got 0")]
    [InlineData("""{"schema_version":1,"revision":1,"base":0}""", "a version below 1")]
    [InlineData("""{"schema_version":1,"revision":1,"base":1,"bass":2}""", "not a table of schema version 1")]
    [InlineData("""{"schema_version":1,"revision":1}""", "not a table of schema version 1")]
    [InlineData("""{"schema_version":1,"revision":1,"base":1,"canary":{"version":2,"percent":120,"salt":"s"}}""", "canary: a percent")]
    [InlineData("""{"schema_version":1,"revision":1,"base":1,"canary":{"version":1,"percent":5,"salt":"s"}}""", "the base is a canary or shadow too")]
    public void Read_NoTable_SaysWhy(string content, string expected)
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, TrafficTable.FileName), content);
        var message = Assert.Throws<BundleException>(() => File.Read()).Message;
        Assert.StartsWith(Path.Combine(_folder, TrafficTable.FileName) + ": ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }
}
