using System.Text;

namespace Pantheon.Bundles.Tests;

public sealed class BundlePublisherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Publish_IntoNothing_MakesRootModelAndVersion()
    {
        var root = _folder["a/models"];
        Directory.CreateDirectory(_folder["a"]);
        var bundle = Sample.Publish(root);
        Assert.Equal(Path.Combine(root, "demo", "3"), bundle.Directory);
        Assert.Equal(Bundle.Open(bundle.Directory).Digest, bundle.Digest);
        AssertEntries(root, "demo");
        AssertEntries(bundle.Directory, "golden.json", "manifest.json", "model.onnx", "vocabularies", "weights");
    }

    [Fact]
    public void Publish_Twice_GivesTheSameDigest() =>
        Assert.Equal(Sample.Publish(_folder["a"]).Digest, Sample.Publish(_folder["b"]).Digest);

    [Fact]
    public void Publish_TheSameVersion_NeverOverwrites()
    {
        var digest = Sample.Publish(_folder.Path).Digest;
        var message = Sample.Refusal(() => Sample.Publish(_folder.Path));
        Assert.Equal($"{_folder["demo/3"]} exists: a published version is never overwritten", message);
        Assert.Equal(digest, Bundle.Open(_folder["demo/3"]).Digest);
        AssertEntries(_folder.Path, "demo");
    }

    [Fact]
    public void Publish_TheSameVersionAppearingMeanwhile_NeverOverwrites()
    {
        var other = "";
        var message = Sample.Refusal(() =>
            BundlePublisher.Publish(_folder.Path, Sample.Draft, Sample.Sources, _ => other = Sample.Publish(_folder.Path).Digest));
        Assert.Contains("exists: a published version is never overwritten", message, StringComparison.Ordinal);
        Assert.Equal(other, Bundle.Open(_folder["demo/3"]).Digest);
        AssertEntries(_folder.Path, "demo");
    }

    [Fact]
    public void Publish_NextVersion_IsOneAboveTheHighestEntry()
    {
        Sample.Publish(_folder.Path);
        File.WriteAllText(_folder["demo/10"], "a file that takes the name");
        Directory.CreateDirectory(_folder["demo/99x"]);
        Assert.Equal(11, PublishNext().Manifest.Version);
        Assert.Equal(12, PublishNext().Manifest.Version);
        Assert.Equal(12, Bundle.Open(_folder["demo/12"]).Manifest.Version);
    }

    [Fact]
    public async Task Publish_ByEightAtOnce_GivesEachAVersion()
    {
        // Each waits in its check until all have written, so that all want the same number.
        using var barrier = new Barrier(8);
        var tasks = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () => BundlePublisher.Publish(
                _folder.Path,
                Sample.Draft with { Version = Manifest.NextVersion },
                Sample.Sources,
                _ => Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(60)))),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        var bundles = await Task.WhenAll(tasks);
        Assert.Equal(Enumerable.Range(1, 8).Select(version => (long)version), bundles.Select(bundle => bundle.Manifest.Version).Order());
        foreach (var bundle in bundles)
        {
            Assert.Equal(bundle.Digest, Bundle.Open(bundle.Directory).Digest);
            Assert.Equal(Path.GetFileName(bundle.Directory), $"{bundle.Manifest.Version}");
        }

        AssertEntries(_folder.Path, "demo");
    }

    [Fact]
    public void Publish_CheckThrows_LeavesNothing()
    {
        var seen = 0;
        var thrown = Assert.Throws<InvalidOperationException>(() => BundlePublisher.Publish(_folder.Path, Sample.Draft, Sample.Sources, bundle =>
        {
            seen = bundle.Goldens.Count;
            Assert.Equal(Sample.Model, File.ReadAllBytes(bundle.ModelPath));
            throw new InvalidOperationException("not a graph");
        }));
        Assert.Equal("not a graph", thrown.Message);
        Assert.Equal(1, seen);
        AssertEntries(_folder.Path);
    }

    [Fact]
    public void Publish_DiskFull_LeavesNothingAndSaysWhy()
    {
        // A real file system of 128 KB where we may mount one, else a source that fails as a full disk does.
        var mounted = TryMount(_folder["small"]);
        try
        {
            var source = new BundleSource("weights/large.bin", stream =>
            {
                stream.Write(new byte[1 << 20]);
                throw new IOException("No space left on device");
            });
            var message = Sample.Refusal(() =>
                BundlePublisher.Publish(_folder["small"], Sample.Draft, [.. Sample.Sources, source], _ => { }));
            Assert.StartsWith("demo was not published: No space left on device", message, StringComparison.Ordinal);
            Assert.Equal(mounted, message.Contains(".staging-", StringComparison.Ordinal));
            AssertEntries(_folder["small"]);
            Sample.Publish(_folder["small"]);
        }
        finally
        {
            if (mounted)
            {
                Shell.Run("umount", _folder["small"]);
            }
        }
    }

    [Fact]
    public void Publish_SourceMissing_NamesItAndLeavesNothing()
    {
        var message = Sample.Refusal(() => BundlePublisher.Publish(
            _folder.Path, Sample.Draft, [BundleSource.FromFile("model.onnx", "/nowhere/m.onnx")], _ => { }));
        Assert.Contains("/nowhere/m.onnx", message, StringComparison.Ordinal);
        AssertEntries(_folder.Path);
    }

    [Fact]
    public void Publish_FilesAndTables_AreCopied()
    {
        File.WriteAllBytes(_folder["given.onnx"], Sample.Model);
        File.WriteAllText(_folder["items.tsv"], "video_id\titem_id\r\n128\t1\r\n140\t2\r\n");
        var sources = Sample.Sources.Where(source => source.Name is not ("model.onnx" or "vocabularies/item_id.tsv")).ToList();
        sources.Add(BundleSource.FromFile("model.onnx", _folder["given.onnx"]));
        sources.Add(BundleSource.FromTable("vocabularies/item_id.tsv", _folder["items.tsv"]));
        var bundle = BundlePublisher.Publish(_folder["models"], Sample.Draft, sources, _ => { });
        Assert.Equal(Sample.Model, File.ReadAllBytes(bundle.ModelPath));
        Assert.Equal(2, bundle.Vocabularies["item_id"].Count);
        Assert.Equal(2, bundle.Vocabularies["item_id"].Map(140));
    }

    [Theory]
    [InlineData("128\t1\n140\t2\n")]
    [InlineData("video_id,item_id\n128,1\n")]
    [InlineData("")]
    public void Publish_TableWithoutHeader_IsRefused(string text)
    {
        File.WriteAllText(_folder["items.tsv"], text);
        var sources = Sample.Sources.Where(source => source.Name != "vocabularies/item_id.tsv")
            .Append(BundleSource.FromTable("vocabularies/item_id.tsv", _folder["items.tsv"]));
        Assert.Contains(
            "items.tsv: line 1: ",
            Sample.Refusal(() => BundlePublisher.Publish(_folder["models"], Sample.Draft, [.. sources], _ => { })),
            StringComparison.Ordinal);
        AssertEntries(_folder["models"]);
    }

    [Theory]
    [InlineData("../escape", "has an empty, '.' or '..' segment")]
    [InlineData("/etc/x", "an absolute path")]
    [InlineData("manifest.json", "the manifest itself")]
    [InlineData("MODEL.onnx", "came before")]
    [InlineData("", "0 characters long")]
    public void Publish_SourceWithAForbiddenName_IsRefusedBeforeAnythingIsWritten(string name, string expected)
    {
        var message = Sample.Refusal(() => BundlePublisher.Publish(_folder["models"], Sample.Draft, [.. Sample.Sources, Sample.Source(name, [1])], _ => { }));
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["models"]));
    }

    [Fact]
    public void Publish_WithoutModel_IsRefused() => Assert.Contains(
        "without model.onnx",
        Sample.Refusal(() => BundlePublisher.Publish(_folder.Path, Sample.Draft, [.. Sample.Sources.Skip(1)], _ => { })),
        StringComparison.Ordinal);

    [Fact]
    public void Publish_ContradictoryDraft_IsRefusedBeforeAnythingIsWritten()
    {
        var message = Sample.Refusal(() => BundlePublisher.Publish(_folder["models"], Sample.Draft with { Objectives = ["a"] }, Sample.Sources, _ => { }));
        Assert.Contains("objectives: 1 named, expected 2", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["models"]));
    }

    [Fact]
    public void Publish_EmptyFile_IsRefused()
    {
        var message = Sample.Refusal(() => BundlePublisher.Publish(_folder.Path, Sample.Draft, [.. Sample.Sources, Sample.Source("x", [])], _ => { }));
        Assert.Contains("files[5].size: 0, expected at least 1 byte", message, StringComparison.Ordinal);
        AssertEntries(_folder.Path);
    }

    [Fact]
    public void Publish_LeftoversOfACrash_AreSweptAndOfTheLivingAreNot()
    {
        Directory.CreateDirectory(_folder[".staging-dead/weights"]);
        File.WriteAllText(_folder[".staging-dead/weights/part0.bin"], "x");
        File.WriteAllText(_folder[".staging-dead.lock"], "");
        Directory.CreateDirectory(_folder[".staging-without-lock"]);
        File.WriteAllText(_folder[".staging-lock-only.lock"], "");
        BundlePublisher.Publish(_folder.Path, Sample.Draft, Sample.Sources, outer =>
        {
            Assert.Equal(2, Directory.EnumerateFileSystemEntries(_folder.Path).Count());
            Assert.Equal(1, PublishNext().Manifest.Version);
            Assert.True(File.Exists(outer.ModelPath));
        });
        AssertEntries(_folder.Path, "demo");
        AssertEntries(_folder["demo"], "1", "3");
    }

    private Bundle PublishNext() =>
        BundlePublisher.Publish(_folder.Path, Sample.Draft with { Version = Manifest.NextVersion }, Sample.Sources, _ => { });

    private static bool TryMount(string directory)
    {
        Directory.CreateDirectory(directory);
        using var mount = Shell.Start("mount", "-t", "tmpfs", "-o", "size=128k", "none", directory);
        mount.WaitForExit();
        return mount.ExitCode == 0;
    }

    private static void AssertEntries(string directory, params string[] expected) =>
        Assert.Equal(expected, Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
}
