using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Tests;

/// <summary>The committed files that python/ makes.</summary>
internal static class Fixture
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    public static OnnxModel Load(string name) => OnnxModel.Load(PathOf(name));
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("pantheon-onnx-").FullName;

    public string PathOf(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
