namespace Pantheon.Cli.Tests;

/// <summary>A folder of a test's own, gone with it, and what ships with the project.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pantheon-cli-tests-");

    public string Models => PathOf("models");

    /// <summary>The shipped models.</summary>
    public static string Shipped(params string[] segments) => Path.Combine([Root(), "models", .. segments]);

    /// <summary>A page of the documentation.</summary>
    public static string Document(string name) => File.ReadAllText(Path.Combine(Root(), "docs", name));

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string content)
    {
        var path = PathOf(name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>`bundle create` of a fixture with its two sides said, into this place's models.</summary>
    public CliRun Create(string fixture, params string[] more) => CreateFrom(Fixture($"{fixture}.onnx"), more);

    public CliRun CreateFrom(string onnx, params string[] more) => CliRun.Of(
    [
        "bundle", "create", "--onnx", onnx, "--model", "toy", "--repository", Models,
        "--user", "user_id,user_dense", "--candidates", "item_id,item_dense", .. more,
    ]);

    /// <summary>Nothing was published and nothing is left aside.</summary>
    public void HasNoModels() => Assert.True(!Directory.Exists(Models) || !Directory.EnumerateFileSystemEntries(Models).Any());

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pantheon.Serving.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("these tests run inside the project");
        }

        return folder;
    }
}
