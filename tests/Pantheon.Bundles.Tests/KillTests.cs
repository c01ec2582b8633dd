using System.Diagnostics;

namespace Pantheon.Bundles.Tests;

/// <summary>kill -9 of a publisher: nothing half-written is ever visible, and the next publisher cleans up.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("write")]
    [InlineData("check")]
    public void Kill_WhilePublishing_LeavesNothingVisible(string mode)
    {
        var repository = new ModelRepository(_folder.Path);
        using (var victim = Shell.StartPublisher(_folder.Path, mode))
        {
            Assert.Equal("here", victim.StandardOutput.ReadLine());
            var staging = Assert.Single(Directory.EnumerateDirectories(_folder.Path));

            // A living publisher is never swept, however often others publish.
            PublishOnce("published 1");
            Assert.True(Directory.Exists(staging));
            Kill(victim);
            Assert.True(Directory.Exists(staging));
        }

        Assert.Equal(["demo"], repository.Models());
        Assert.Equal([1], repository.Versions("demo"));
        PublishOnce("published 2");
        Assert.Equal(["demo"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Kill_AtRandomMoments_LeavesOnlyWholeVersions()
    {
        var repository = new ModelRepository(_folder.Path);
        var random = new Random(3);
        var last = 0L;
        var interrupted = 0;
        for (var round = 0; round < 15; round++)
        {
            using var victim = Shell.StartPublisher(_folder.Path, "loop");
            for (var lines = random.Next(1, 6); lines > 0; lines--)
            {
                last = long.Parse(victim.StandardOutput.ReadLine()!.Split(' ')[1]);
            }

            // Up to about the time that one version takes, so that the kill falls anywhere in the next one.
            Thread.SpinWait(random.Next(2_000_000));
            Kill(victim);
            interrupted += Directory.EnumerateDirectories(_folder.Path, ".staging-*").Count();
            foreach (var line in victim.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                // The last line may be cut.
                last = line.StartsWith("published ", StringComparison.Ordinal) && long.TryParse(line.AsSpan(10), out var version)
                    ? Math.Max(last, version)
                    : last;
            }

            // One may have got its name, and the process no chance to say so.
            var versions = repository.Versions("demo");
            Assert.InRange(versions[^1], last, last + 1);
            Assert.Equal(versions.Count, versions[^1]);
            foreach (var version in versions.TakeLast(8))
            {
                Assert.Equal(version, repository.Open("demo", version).Manifest.Version);
            }
        }

        // Else the kills fell between publications and prove nothing.
        Assert.InRange(interrupted, 1, 15);
        foreach (var version in repository.Versions("demo"))
        {
            repository.Open("demo", version);
        }

        PublishOnce($"published {repository.Versions("demo")[^1] + 1}");
        Assert.Equal(["demo"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    private static void Kill(Process victim)
    {
        // SIGKILL, and to this process alone.
        victim.Kill();
        Assert.True(victim.WaitForExit(30_000));
    }

    private void PublishOnce(string expected)
    {
        using var publisher = Shell.StartPublisher(_folder.Path, "once");
        Assert.Equal(expected, publisher.StandardOutput.ReadToEnd().Trim());
        Assert.True(publisher.WaitForExit(30_000));
    }
}
