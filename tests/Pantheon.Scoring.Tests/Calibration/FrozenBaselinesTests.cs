using Pantheon.Bundles;
using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Tests.Calibration;

public sealed class FrozenBaselinesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("baselines-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Refresh_DamagedThenMended_WhatWasReadBeforeHolds()
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "m")).FullName, FrozenBaseline.FileName);
        using var baselines = Open();
        Assert.Null(baselines.Of("m"));
        await baselines.WriteAsync("m", Baseline(1));
        Assert.Equal(1, baselines.Of("m")!.Version);

        File.WriteAllText(file, "{");
        await baselines.RefreshAsync("m");
        Assert.Equal(1, baselines.Of("m")!.Version);
        Assert.Contains($"{file}: not a baseline of schema version 1: ", baselines.ProblemOf("m")!.Message, StringComparison.Ordinal);
        // A process that never read it has none.
        using var another = Open();
        Assert.Null(another.Of("m"));

        File.Delete(file);
        await baselines.RefreshAsync("m");
        Assert.Null(baselines.Of("m"));
        Assert.Null(baselines.ProblemOf("m"));
    }

    private FrozenBaselines Open() => new(new BaselineFiles(new ModelRepository(_root)));

    private static FrozenBaseline Baseline(long version) => new()
    {
        Version = version,
        Default = new FrozenMoments(1, 2, 3, 4),
        Source = new BaselineSource("m", 1, "sha256:0", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
        At = DateTimeOffset.UnixEpoch,
        By = "test",
        Reason = "",
    };
}
