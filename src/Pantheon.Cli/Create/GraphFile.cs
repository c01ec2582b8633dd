using System.Security.Cryptography;
using Pantheon.Bundles;
using Pantheon.Onnx.Formulas;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Cli.Create;

/// <summary>The graph that goes into the bundle: the file as given, or with a fusion appended in a folder of its own.</summary>
internal sealed class GraphFile : IDisposable
{
    private readonly DirectoryInfo? _folder;

    private GraphFile(string path, OnnxModel model, SourceFile source, DirectoryInfo? folder)
    {
        Path = path;
        Model = model;
        Source = source;
        _folder = folder;
    }

    /// <summary>The file to run and to publish; external data lies beside it.</summary>
    public string Path { get; }

    public OnnxModel Model { get; }

    /// <summary>The file as given.</summary>
    public SourceFile Source { get; }

    public static GraphFile Open(CreateRequest request)
    {
        var model = OnnxModel.Load(request.Onnx);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(request.Onnx))!;
        foreach (var location in model.ExternalDataFiles)
        {
            CheckExternal(folder, location);
        }

        SourceFile source;
        using (var stream = File.OpenRead(request.Onnx))
        {
            source = new SourceFile(System.IO.Path.GetFileName(request.Onnx), Convert.ToHexStringLower(SHA256.HashData(stream)));
        }

        return request.Formula is null
            ? new GraphFile(System.IO.Path.Combine(folder, source.Name), model, source, null)
            : WithFusion(request, model, source, folder);
    }

    /// <summary>What is published: the graph, and its external data under the names that it knows them by.</summary>
    public IEnumerable<BundleSource> Sources() =>
    [
        BundleSource.FromFile(Bundle.ModelFile, Path),
        .. Model.ExternalDataFiles.Select(location => BundleSource.FromFile(location, Beside(location))),
    ];

    public void Dispose() => _folder?.Delete(recursive: true);

    private static GraphFile WithFusion(CreateRequest request, OnnxModel model, SourceFile source, string origin)
    {
        if (request.Pxtrs.Count == 0 || request.Objectives.Count == 0)
        {
            throw CommandFailure.OfUsage("--formula: expected --pxtr and --objectives with it, which name what it fuses");
        }

        OutputPlan.CheckPxtrs(model, request);
        var fused = FusionFormula.Parse(request.Formula!, request.Objectives).AppendTo(model, request.Pxtrs, request.Score);
        var folder = Directory.CreateTempSubdirectory("pantheon-");
        var file = new GraphFile(System.IO.Path.Combine(folder.FullName, Bundle.ModelFile), fused, source, folder);
        try
        {
            fused.Save(file.Path);
            foreach (var location in model.ExternalDataFiles)
            {
                var copy = file.Beside(location);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
                File.Copy(System.IO.Path.Combine(origin, location), copy);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private string Beside(string location) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, location);

    // The location itself never leads out of the folder; a link on the way could.
    private static void CheckExternal(string folder, string location)
    {
        var path = folder;
        foreach (var segment in location.Split('/'))
        {
            path = System.IO.Path.Combine(path, segment);
            FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (entry.LinkTarget is not null && entry.ResolveLinkTarget(returnFinalTarget: true) is { } target
                && !target.FullName.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new CommandFailure($"external data file '{location}' is a link to '{target.FullName}', outside the graph's folder: put the file itself there");
            }
        }

        if (!File.Exists(path))
        {
            throw new CommandFailure($"external data file '{location}' is not in the graph's folder '{folder}'");
        }
    }
}
