using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Sqlite;
using Xunit.Abstractions;

namespace Pantheon.Exposures.Tests.Stores;

public sealed class SqliteStoreTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["exposures.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Size_OfARequestOfTenItems_IsWhatTheDocumentSays()
    {
        await using (var store = Open())
        {
            foreach (var chunk in Requests.TenThousand())
            {
                await store.AppendAsync(chunk);
            }
        }

        // Closed, so without a write-ahead log.
        var each = new FileInfo(Path).Length / 10_000.0;
        output.WriteLine($"{each:0.0} bytes per request of 10 items, without features");
        Assert.InRange(each, 240, 280);

        // And what a report adds that says that five items were shown and one was clicked.
        await using (var store = Open())
        {
            foreach (var chunk in Requests.TenThousand())
            {
                await store.ReportAsync([.. chunk.Select(Requests.Feedback)]);
            }
        }

        var told = (new FileInfo(Path).Length / 10_000.0) - each;
        output.WriteLine($"{told:0.0} bytes per report");
        Assert.InRange(told, 100, 130);
    }

    [Fact]
    public async Task Delete_OfAUser_LeavesNoTraceInTheFiles()
    {
        await using var store = Open();
        Ranking[] gone = [.. Enumerable.Range(0, 300).Select(index => Sample.Ranking(Sample.Noon.AddSeconds(index), "forget-me-please", request: "and-my-request"))];
        Ranking[] kept = [.. Enumerable.Range(0, 300).Select(index => Sample.Ranking(Sample.Noon.AddSeconds(index), $"user-{index}"))];
        await store.AppendAsync(gone);
        await store.AppendAsync(kept);
        await store.ReportAsync([.. gone.Select(ranking => Sample.Report(ranking, 0, 0, ("secretly-liked", 1)))]);
        Assert.True(Contains("forget-me-please") && Contains("and-my-request") && Contains("secretly-liked"));

        await store.DeleteUserAsync("forget-me-please");

        Assert.False(Contains("forget-me-please"));
        Assert.False(Contains("and-my-request"));
        Assert.False(Contains("secretly-liked"));
        Assert.Equal(300, (await store.StatisticsAsync()).Rankings);
    }

    [Fact]
    public async Task Write_WhenTheFileIsFull_SaysSoAndGoesOnWhenThereIsRoom()
    {
        await using (var store = Open(maxPages: 40))
        {
            var exception = await Assert.ThrowsAsync<ExposureStoreException>(async () =>
            {
                while (true)
                {
                    await store.AppendAsync([.. Enumerable.Range(0, 100).Select(_ => Sample.Ranking())]);
                }
            });

            Assert.StartsWith($"{Path}: the disk is full (SQLite 13", exception.Message, StringComparison.Ordinal);
            Assert.Equal(0, (await store.StatisticsAsync()).Rankings % 100);
            await store.TrimAsync(Sample.Noon.AddDays(1));
            Assert.Equal(1, await store.AppendAsync([Sample.Ranking()]));
        }
    }

    [Fact]
    public async Task Write_WhenTheDiskIsFull_SaysSoAndKeepsWhatItAcknowledged()
    {
        var mount = _folder["small"];
        Directory.CreateDirectory(mount);
        if (Run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", mount) != 0)
        {
            output.WriteLine("no right to mount a small file system; the limit of pages stands in for it");
            return;
        }

        try
        {
            var stored = 0;
            await using (var store = ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = System.IO.Path.Combine(mount, "exposures.db") }))
            {
                var exception = await Assert.ThrowsAsync<ExposureStoreException>(async () =>
                {
                    while (true)
                    {
                        stored += await store.AppendAsync([.. Enumerable.Range(0, 100).Select(_ => Sample.Ranking())]);
                    }
                });
                Assert.Contains("(SQLite 1", exception.Message, StringComparison.Ordinal);
                Assert.Equal(stored, (await store.StatisticsAsync()).Rankings);
            }

            await using var again = ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = System.IO.Path.Combine(mount, "exposures.db") });
            Assert.Equal(stored, (await again.StatisticsAsync()).Rankings);
            Assert.True(stored > 0);
        }
        finally
        {
            Assert.Equal(0, Run("umount", mount));
        }
    }

    [Fact]
    public async Task Write_WhileAnotherProcessHoldsTheLock_SaysSo()
    {
        await using var store = Open(busy: TimeSpan.FromMilliseconds(50));
        using var other = Connect();
        SqliteDatabase.Execute(other, "BEGIN IMMEDIATE");

        var exception = await Assert.ThrowsAsync<ExposureStoreException>(() => store.AppendAsync([Sample.Ranking()]));

        Assert.StartsWith($"{Path}: another process has been writing to it for longer than the busy timeout", exception.Message, StringComparison.Ordinal);
        SqliteDatabase.Execute(other, "ROLLBACK");
        Assert.Equal(1, await store.AppendAsync([Sample.Ranking()]));
    }

    [Fact]
    public void Open_WhatIsNotAStore_IsRefusedUntouched()
    {
        using (var other = Connect())
        {
            SqliteDatabase.Execute(other, "CREATE TABLE t (x)");
        }

        var before = File.ReadAllBytes(Path);
        var exception = Assert.Throws<ExposureStoreException>(() => Open());

        Assert.Equal($"{Path}: got a SQLite file of another program, expected a store of exposures or no file", exception.Message);
        Assert.Equal(before, File.ReadAllBytes(Path));
        File.WriteAllText(Path, new string('x', 5000));
        Assert.StartsWith($"{Path}: it is not a SQLite file", Assert.Throws<ExposureStoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_ANewerStore_IsRefused()
    {
        await Open().DisposeAsync();
        using (var newer = Connect())
        {
            SqliteDatabase.Execute(newer, "PRAGMA user_version = 3");
        }

        var exception = Assert.Throws<ExposureStoreException>(() => Open());

        Assert.Equal($"{Path}: got a store of schema version 3, expected 2; it needs another version of this program", exception.Message);
    }

    [Fact]
    public void Open_WhereNoFileCanBe_SaysSo()
    {
        var path = _folder["no", "such", "folder", "exposures.db"];
        var exception = Assert.Throws<ExposureStoreException>(() => ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = path }));
        Assert.StartsWith($"{path}: it cannot be opened; its folder must be there and writable", exception.Message, StringComparison.Ordinal);

        Assert.Throws<ExposureStoreException>(() => ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = "/proc/exposures.db" }));
        Assert.Throws<ArgumentException>(() => ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = " " }));
    }

    [Fact]
    public async Task AnyCall_OnADamagedFile_GivesAValueOrSaysSo()
    {
        await using (var store = Open())
        {
            Ranking[] rankings = [.. Enumerable.Range(0, 500).Select(_ => Sample.Ranking())];
            await store.AppendAsync(rankings);
            await store.ReportAsync([.. rankings.Select(ranking => Sample.Shown(ranking, 0))]);
        }

        var whole = File.ReadAllBytes(Path);
        var random = new Random(7);
        var faults = 0;
        for (var round = 0; round < 40; round++)
        {
            var damaged = whole.ToArray();
            random.NextBytes(damaged.AsSpan(random.Next(100, damaged.Length - 4096), random.Next(1, 4096)));
            File.WriteAllBytes(Path, damaged);
            foreach (var side in Directory.GetFiles(_folder.Path, "*.db-*"))
            {
                File.Delete(side);
            }

            try
            {
                await using var store = Open();
                await store.StatisticsAsync();
                await new ExposureJoin(store, Sample.Join).ReadAsync(Sample.Window);
                await store.AppendAsync([Sample.Ranking()]);
                await store.DeleteUserAsync("user-1");
            }
            catch (ExposureStoreException)
            {
                faults++;
            }
        }

        Assert.InRange(faults, 10, 40);
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private IExposureStore Open(long maxPages = 0, TimeSpan? busy = null) => ExposureStores.OpenSqlite(
        new SqliteStoreOptions { Path = Path, MaxPages = maxPages, BusyTimeout = busy ?? TimeSpan.FromSeconds(5) });

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    private bool Contains(string text) => Directory.GetFiles(_folder.Path)
        .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
}
