using System.Diagnostics;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Stores;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>A process that stores exposures until it is killed, and what it was told is stored.</summary>
internal sealed class Writer : IDisposable
{
    private readonly Process _process;
    private readonly HashSet<Guid> _ranked;
    private readonly HashSet<Guid> _reported;

    /// <param name="ranked">Gets the ids of rankings that the store has acknowledged.</param>
    /// <param name="reported">Gets the ids of rankings whose reports it has.</param>
    /// <param name="arguments">Which store, and where.</param>
    public Writer(HashSet<Guid> ranked, HashSet<Guid> reported, params string[] arguments)
    {
        (_ranked, _reported) = (ranked, reported);
        _process = Process.Start(new ProcessStartInfo(SourceTree.Program("Pantheon.Exposures.Tests.Writer"), arguments) { RedirectStandardOutput = true })!;
    }

    /// <summary>Reads so many lines; waits for them.</summary>
    public void Read(int lines)
    {
        for (; lines > 0; lines--)
        {
            Take(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the writer has ended"));
        }
    }

    /// <summary>SIGKILL, and to this process alone; then the lines that it still got out.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(30_000));
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            Take(line);
        }
    }

    public void Dispose()
    {
        // Where a test has failed before.
        _process.Kill();
        _process.Dispose();
    }

    /// <summary>Everything acknowledged is there once; nothing is there in part.</summary>
    /// <returns>Batches that are there without their writer knowing.</returns>
    public static async Task<int> CheckAsync(IExposureStore store, HashSet<Guid> ranked, HashSet<Guid> reported)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        List<ReportedRanking> all = [];
        await foreach (var found in store.ReadAsync(new ExposureWindow(now.AddHours(-1), now, now)))
        {
            all.Add(found);
        }

        Assert.Equal(all.Count, all.DistinctBy(found => found.Id).Count());
        Assert.All(all, found => Assert.NotNull(found.Ranking));
        Assert.All(all, found => Assert.InRange(found.Reports.Count, 0, 1));
        Assert.Empty(ranked.Except(all.Select(found => found.Id)));
        Assert.Empty(reported.Except(all.Where(found => found.Reports.Count == 1).Select(found => found.Id)));
        var batches = all.GroupBy(found => found.Ranking!.RequestId).ToList();
        Assert.All(batches, batch => Assert.Equal(3, batch.Count()));
        Assert.All(batches, batch => Assert.Single(batch.Select(found => found.Reports.Count).Distinct()));
        return batches.Count(batch => !ranked.Contains(batch.First().Id));
    }

    private void Take(string line)
    {
        // The last line may be cut.
        var words = line.Split(' ');
        if (words.Length == 4 && words[3].Length == 36)
        {
            (words[0] == "ranked" ? _ranked : _reported).UnionWith(words.Skip(1).Select(Guid.Parse));
        }
    }
}
