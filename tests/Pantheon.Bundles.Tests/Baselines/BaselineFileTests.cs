namespace Pantheon.Bundles.Tests.Baselines;

public sealed class BaselineFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("baseline-").FullName;

    private BaselineFile File => new(_folder);

    private string Target => Path.Combine(_folder, FrozenBaseline.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Assert.Null(File.Read());
        var baseline = Baseline(1) with { By = "grün", Reason = "\"quoted\"\n" };
        File.Write(baseline);

        var read = File.Read()!;

        Assert.Equal((1, baseline.Default, baseline.Source, baseline.At, "grün", "\"quoted\"\n"), (read.Version, read.Default, read.Source, read.At, read.By, read.Reason));
        Assert.Equal(baseline.Scenarios, read.Scenarios);
        Assert.Equal([".baseline.lock", FrozenBaseline.FileName], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_TheNext_LeavesTheOneBeforeBesideIt()
    {
        File.Write(Baseline(1));
        File.Write(Baseline(2));

        Assert.Equal(2, File.Read()!.Version);
        System.IO.File.Move(Path.Combine(_folder, "baseline.1.json"), Target, overwrite: true);
        Assert.Equal(1, File.Read()!.Version);
    }

    [Fact]
    public void Write_SomebodyWasQuicker_ChangesNothing()
    {
        File.Write(Baseline(1));
        File.Write(Baseline(2));

        var error = Assert.Throws<BundleException>(() => File.Write(Baseline(2) with { By = "late" }));

        Assert.Equal($"{Target}: it is at version 2, not 1: somebody else changed it meanwhile", error.Message);
        Assert.Equal("test", File.Read()!.By);
    }

    [Theory]
    [InlineData("\"version\": 1,", "\"version\": 0,", "version: got 0, expected 1 or above")]
    [InlineData("\"schema_version\": 1,", "\"schema_version\": 2,", "schema version 2, this service reads 1")]
    [InlineData("\"schema_version\": 1,", "", "schema_version")]
    [InlineData("\"mean\": 0.3,", "\"mean\": 1e999,", "default.mean: got ∞, expected a number of -1")]
    [InlineData("\"mean\": 0.3,", "\"mean\": \"NaN\",", "$.default.mean")]
    [InlineData("\"std\": 0.1,", "\"std\": 0,", "default.std: got 0, expected a number of 1E-15 to ")]
    [InlineData("\"std\": 0.2,", "\"std\": -1,", "scenarios.home.std: got -1, expected a number of 1E-15 to ")]
    [InlineData("\"scores\": 5,", "\"scores\": -5,", "default.scores: got -5")]
    [InlineData("\"home\"", "\"\"", "scenarios: an empty name")]
    [InlineData("\"default\"", "\"usual\"", "usual")]
    [InlineData("{", "[", "not a baseline of schema version 1")]
    public void Read_Damaged_SaysWhere(string good, string bad, string message)
    {
        File.Write(Baseline(1));
        var text = System.IO.File.ReadAllText(Target);
        Assert.Contains(good, text, StringComparison.Ordinal);
        System.IO.File.WriteAllText(Target, text.Replace(good, bad, StringComparison.Ordinal));

        var error = Assert.Throws<BundleException>(File.Read).Message.Replace("Infinity", "∞", StringComparison.Ordinal);

        Assert.StartsWith(Target, error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EmptyHugeOrNull_IsRefused()
    {
        foreach (var text in (string[])["", "null", new string(' ', 2 << 20)])
        {
            System.IO.File.WriteAllText(Target, text);
            Assert.Throws<BundleException>(File.Read);
        }
    }

    // Cut anywhere, or with any byte another one: read or refused, never anything else.
    [Fact]
    public void Read_CutOrMutated_IsReadOrRefused()
    {
        File.Write(Baseline(1));
        var good = System.IO.File.ReadAllBytes(Target);
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. good];
            if (round % 2 == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }
            else
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            System.IO.File.WriteAllBytes(Target, bytes);
            try
            {
                _ = File.Read();
            }
            catch (BundleException)
            {
                // With a reason.
            }
        }
    }

    private static FrozenBaseline Baseline(long version) => new()
    {
        Version = version,
        Default = new FrozenMoments(0.3, 0.1, 5, 4),
        Scenarios = new Dictionary<string, FrozenMoments> { ["home"] = new(0.4, 0.2, 6, 5) },
        Source = new BaselineSource("m", 3, "sha256:0", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1)),
        At = DateTimeOffset.UnixEpoch.AddHours(2),
        By = "test",
        Reason = "",
    };
}
