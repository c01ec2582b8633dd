using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;

namespace Pantheon.Benchmarks;

/// <summary>The shipped demo bundle, wherever in the tree the benchmark was started.</summary>
internal static class DemoModel
{
    public static string Folder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Pantheon.Serving.sln")))
            {
                folder = folder.Parent ?? throw new DirectoryNotFoundException("the benchmark runs inside the project's tree");
            }

            return Path.Combine(folder.FullName, "models", "kuairand");
        }
    }

    public static LoadedModel Load()
    {
        var repository = new ModelRepository(Path.GetDirectoryName(Folder)!);
        var loader = new ModelLoader(new EngineOptions(), new GraphSessionOptions(), PinnedPool.Shared, TimeProvider.System);
        return loader.Load(repository.Open("kuairand", repository.DefaultVersion("kuairand")), CancellationToken.None);
    }
}
