using System.Text;

namespace Pantheon.Bundles.Tests;

public sealed class BundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _directory;

    public BundleTests() => _directory = Sample.Publish(_folder.Path).Directory;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_AsPublished_GivesAllItHolds()
    {
        var bundle = Bundle.Open(_directory);
        Assert.Equal("demo", bundle.Manifest.Model);
        Assert.Equal(3, bundle.Manifest.Version);
        Assert.Equal(Sample.Model, File.ReadAllBytes(bundle.ModelPath));
        Assert.Equal(2, bundle.Vocabularies["item_id"].Map(140));
        Assert.Equal(2, bundle.Vocabularies["user_id"].Map("zoë"u8));
        Assert.Equal(0, bundle.Vocabularies["user_id"].Map("nobody"u8));
        Assert.Equal([0.25f, 0.5f], Assert.Single(bundle.Goldens).Outputs["score"].Floats!);
    }

    [Fact]
    public void Open_Digests_AreThoseOfSha256sum()
    {
        var bundle = Bundle.Open(_directory);
        Assert.Equal(5, bundle.Manifest.Files.Count);
        foreach (var file in bundle.Manifest.Files)
        {
            Assert.Equal(Sha256Sum(file.Name), file.Sha256);
            Assert.Equal(new FileInfo(Path.Combine(_directory, file.Name)).Length, file.Size);
        }

        Assert.Equal("sha256:" + Sha256Sum("manifest.json"), bundle.Digest);
    }

    [Fact]
    public void Open_ThroughALinkToTheBundle_Works()
    {
        Directory.CreateSymbolicLink(_folder["link"], _directory);
        Assert.Equal(3, Bundle.Open(_folder["link"]).Manifest.Version);
    }

    [Fact]
    public void Open_NoSuchDirectory_SaysSo() =>
        Assert.Equal($"{_folder["none"]}: no such directory", Sample.Refusal(() => Bundle.Open(_folder["none"])));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Open_NotAPath_IsRefused(string path) => Sample.Refusal(() => Bundle.Open(path));

    [Fact]
    public void Open_WithoutManifest_IsIncomplete()
    {
        File.Delete(At("manifest.json"));
        AssertRefused("incomplete: no manifest.json");
    }

    [Fact]
    public void Open_EmptyManifest_IsRefused()
    {
        File.WriteAllBytes(At("manifest.json"), []);
        AssertRefused("manifest.json: 0 bytes, expected 1 to 1048576");
    }

    [Fact]
    public void Open_HugeManifest_IsRefusedUnread()
    {
        using (var file = File.OpenWrite(At("manifest.json")))
        {
            file.SetLength(1L << 40);
        }

        AssertRefused("manifest.json: 1099511627776 bytes, expected 1 to 1048576");
    }

    [Fact]
    public void Open_ManifestIsAPipe_IsRefusedWithoutWaiting()
    {
        File.Delete(At("manifest.json"));
        Shell.Run("mkfifo", At("manifest.json"));
        AssertRefused("manifest.json: 0 bytes");
    }

    [Fact]
    public void Open_FileIsAPipe_IsRefusedWithoutWaiting()
    {
        File.Delete(At("model.onnx"));
        Shell.Run("mkfifo", At("model.onnx"));
        AssertRefused($"model.onnx: 0 bytes, expected {Sample.Model.Length}");
    }

    [Fact]
    public void Open_FileMissing_NamesIt()
    {
        File.Delete(At("weights/part0.bin"));
        AssertRefused("weights/part0.bin: missing, expected a file of 5000 bytes");
    }

    [Fact]
    public void Open_FolderInAFilesPlace_IsRefused()
    {
        File.Delete(At("model.onnx"));
        Directory.CreateDirectory(At("model.onnx"));
        AssertRefused("model.onnx: missing");
    }

    [Fact]
    public void Open_FileCutShort_NamesBothSizes()
    {
        File.WriteAllBytes(At("weights/part0.bin"), Sample.Weights[..4999]);
        AssertRefused("weights/part0.bin: 4999 bytes, expected 5000");
    }

    [Fact]
    public void Open_UndeclaredFile_IsRefused()
    {
        File.WriteAllText(At("weights/.hidden"), "x");
        AssertRefused("weights/.hidden: not among the manifest's files");
    }

    [Fact]
    public void Open_FileReplacedByALink_IsRefused()
    {
        var outside = _folder["outside"];
        File.Move(At("model.onnx"), outside);
        File.CreateSymbolicLink(At("model.onnx"), outside);
        AssertRefused("model.onnx: a symbolic link");
    }

    [Fact]
    public void Open_FolderReplacedByALink_IsRefused()
    {
        Directory.Move(At("weights"), _folder["outside"]);
        Directory.CreateSymbolicLink(At("weights"), _folder["outside"]);
        AssertRefused("weights: a symbolic link");
    }

    [Fact]
    public void Open_ManifestIsALink_IsRefused()
    {
        File.Move(At("manifest.json"), _folder["outside"]);
        File.CreateSymbolicLink(At("manifest.json"), _folder["outside"]);
        AssertRefused("manifest.json: a symbolic link");
    }

    [Fact]
    public void Open_DanglingLink_IsRefused()
    {
        File.CreateSymbolicLink(At("weights/x"), _folder["nowhere"]);
        AssertRefused("weights/x: a symbolic link");
    }

    [Fact]
    public void Open_OneBitFlipped_IsRefusedInEveryFile()
    {
        var random = new Random(5);
        foreach (var file in Bundle.Open(_directory).Manifest.Files)
        {
            var original = File.ReadAllBytes(At(file.Name));
            for (var attempt = 0; attempt < 50; attempt++)
            {
                var changed = original.ToArray();
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(At(file.Name), changed);
                AssertRefused($"{file.Name}: sha256 ");
            }

            File.WriteAllBytes(At(file.Name), original);
        }

        Bundle.Open(_directory);
    }

    [Fact]
    public void Open_VocabularyWithARowOutsideTheRange_NamesFileAndLine()
    {
        var sources = Sample.Sources.Select(source => source.Name == "vocabularies/item_id.tsv"
            ? Sample.Source(source.Name, Encoding.UTF8.GetBytes("raw\trow\n128\t1\n140\t4\n"))
            : source);
        var message = Sample.Refusal(() => BundlePublisher.Publish(_folder["other"], Sample.Draft, [.. sources], _ => { }));
        Assert.Equal(
            $"{_folder["other"]}/demo/3 was not published: vocabularies/item_id.tsv: line 3: row \"4\", expected an integer from 0 to 3",
            message);
    }

    private string At(string name) => Path.Combine(_directory, name);

    private string Sha256Sum(string name) => Shell.Run("sha256sum", At(name)).Split(' ')[0];

    private void AssertRefused(string reason)
    {
        var message = Sample.Refusal(() => Bundle.Open(_directory));
        Assert.StartsWith($"{_directory}: {reason}", message, StringComparison.Ordinal);
    }
}
