namespace Pantheon.Bundles.Tests;

public sealed class ModelRepositoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelRepository _repository;

    public ModelRepositoryTests() => _repository = new ModelRepository(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Models_MissingRoot_IsEmptyAndSaysWhy()
    {
        var missing = new ModelRepository(_folder["none"]);
        Assert.Empty(missing.Models());
        Assert.Empty(missing.Versions("demo"));
        Assert.Equal($"the model repository {_folder["none"]} does not exist", missing.EmptyReason);
        Assert.Equal(missing.EmptyReason, Sample.Refusal(() => missing.DefaultVersion("demo")));
    }

    [Fact]
    public void Models_EmptyRoot_SaysWhatIsExpected() =>
        Assert.Equal($"the model repository {_folder.Path} holds no model: expected <model>/<version>/manifest.json", _repository.EmptyReason);

    [Fact]
    public void Models_AmongOtherThings_AreFoldersWithVersions()
    {
        Make("zeta/1", "alpha/2", "alpha/10", "alpha/07", "alpha/0", "alpha/-1", "alpha/x", "alpha/.staging-1", ".staging-abc/1", "empty", "bad name/1");
        File.WriteAllText(_folder["alpha/11"], "not a folder");
        File.WriteAllText(_folder["file"], "");
        Assert.Equal(["alpha", "zeta"], _repository.Models());
        Assert.Equal([2, 10], _repository.Versions("alpha"));
        Assert.Null(_repository.EmptyReason);
        Assert.Equal(_folder["alpha/10"], _repository.PathOf("alpha", 10));
    }

    [Fact]
    public void DefaultVersion_NothingDeclared_IsTheHighest()
    {
        Make("m/2", "m/10", "m/9");
        Assert.Null(_repository.Traffic("m").Read());
        Assert.Equal(10, _repository.DefaultVersion("m"));
    }

    [Fact]
    public void DefaultVersion_Declared_IsTheBase()
    {
        Make("m/2", "m/10");
        _repository.Traffic("m").Write(TrafficTable.Undeclared(10, null).Promote(2, new TrafficAsk("test", "", DateTimeOffset.UnixEpoch)));
        Assert.Equal(2, _repository.DefaultVersion("m"));
    }

    [Fact]
    public void DefaultVersion_DeclaredVersionIsNotThere_SaysWhichAre()
    {
        Make("m/2", "m/10");
        _repository.Traffic("m").Write(TrafficTable.Undeclared(10, null).Promote(3, new TrafficAsk("test", "", DateTimeOffset.UnixEpoch)));
        Assert.Contains("traffic.json: version 3 is not there, expected one of 2, 10", Sample.Refusal(() => _repository.DefaultVersion("m")), StringComparison.Ordinal);
    }

    [Fact]
    public void DefaultVersion_UnknownModel_NamesThoseThere()
    {
        Make("a/1", "b/1");
        Assert.Contains("has no version of \"c\", expected one of a, b", Sample.Refusal(() => _repository.DefaultVersion("c")), StringComparison.Ordinal);
    }

    [Fact]
    public void Delete_AVersion_LeavesTheOthers()
    {
        Make("m/2", "m/3");
        var before = _repository.Fingerprint("m", 3);
        _repository.Delete("m", 2);
        Assert.Equal([3], _repository.Versions("m"));
        Assert.Equal(before, _repository.Fingerprint("m", 3));
        Assert.Equal(["m"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Sample.Refusal(() => _repository.Delete("m", 2));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("é")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void PathOf_NotAModelName_IsRefused(string model)
    {
        Assert.Contains("expected a letter or digit", Sample.Refusal(() => _repository.PathOf(model, 1)), StringComparison.Ordinal);
        Sample.Refusal(() => _repository.Versions(model));
    }

    [Fact]
    public void PathOf_NotAVersion_IsRefused() => Sample.Refusal(() => _repository.PathOf("m", 0));

    [Fact]
    public void Open_FolderRenamed_IsRefused()
    {
        Sample.Publish(_folder.Path);
        Assert.Equal(3, _repository.Open("demo", 3).Manifest.Version);
        Directory.Move(_folder["demo/3"], _folder["demo/4"]);
        Assert.Contains(
            "model and version: \"demo\" 3, expected \"demo\" 4, as the folders say",
            Sample.Refusal(() => _repository.Open("demo", 4)),
            StringComparison.Ordinal);
    }

    private void Make(params string[] folders)
    {
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(_folder[folder]);
        }
    }
}
