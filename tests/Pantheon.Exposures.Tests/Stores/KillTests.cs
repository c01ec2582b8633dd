using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Sqlite;
using Xunit.Abstractions;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>kill -9 of whoever writes: nothing acknowledged is lost, nothing is there twice or in part.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kill_OfTheProcessWithSqlite_LosesNothingAcknowledged()
    {
        var path = _folder["exposures.db"];
        var (ranked, reported) = (new HashSet<Guid>(), new HashSet<Guid>());
        var random = new Random(5);
        var unknown = 0;
        for (var round = 0; round < 12; round++)
        {
            using var writer = new Writer(ranked, reported, "sqlite", path);
            writer.Read(random.Next(1, 200));

            // Up to about the time that one commit takes, so that the kill falls anywhere in the next one.
            Thread.SpinWait(random.Next(500_000));
            writer.Kill();
            Assert.True(new FileInfo(path + "-wal").Length > 0);
            await using var store = ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = path });
            unknown = await Writer.CheckAsync(store, ranked, reported);
        }

        output.WriteLine($"{ranked.Count} rankings and {reported.Count} reports acknowledged; {unknown} batches were there without their writer knowing");
        Assert.True(ranked.Count > 100 && reported.Count > 100);
    }
}
