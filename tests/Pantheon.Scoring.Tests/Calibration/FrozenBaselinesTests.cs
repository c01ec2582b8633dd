using Pantheon.Bundles;
using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Tests.Calibration;

public sealed class FrozenBaselinesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("baselines-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Refresh_DamagedThenMended_WhatWasReadBeforeHolds()
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "m")).FullName, FrozenBaseline.FileName);
        var baselines = new FrozenBaselines(new ModelRepository(_root));
        Assert.Null(baselines.Of("m"));
        baselines.Write("m", Baseline(1));
        Assert.Equal(1, baselines.Of("m")!.Version);

        File.WriteAllText(file, "{");
        Assert.Equal(1, baselines.Refresh("m")!.Version);
        Assert.Contains($"{file}: not a baseline of schema version 1: ", baselines.ProblemOf("m"), StringComparison.Ordinal);
        // A process that never read it has none.
        Assert.Null(new FrozenBaselines(new ModelRepository(_root)).Of("m"));

        File.Delete(file);
        Assert.Null(baselines.Refresh("m"));
        Assert.Null(baselines.ProblemOf("m"));
    }

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
