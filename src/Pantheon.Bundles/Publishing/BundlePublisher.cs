namespace Pantheon.Bundles;

/// <summary>Puts a new version into a model repository so that a reader sees all of it or nothing, whatever happens.</summary>
public static class BundlePublisher
{
    /// <summary>Writes a version aside, verifies it as any reader would, and renames it into place.</summary>
    /// <param name="repositoryRoot">Directory of the models; made if absent.</param>
    /// <param name="draft">The manifest without files; its version, or <see cref="Manifest.NextVersion"/> for the highest present plus one.</param>
    /// <param name="sources">Every file but manifest.json; model.onnx is among them.</param>
    /// <param name="check">Judges the graph of the bundle while it is aside; throws to stop the publishing.</param>
    /// <returns>The published bundle.</returns>
    /// <exception cref="BundleException">Nothing was published and nothing is left: a source is refused, the version exists, the disk is full.</exception>
    public static Bundle Publish(string repositoryRoot, Manifest draft, IReadOnlyList<BundleSource> sources, Action<Bundle> check) =>
        Publish(new ModelRepository(repositoryRoot), draft, sources, check);

    /// <summary>Writes a version aside, verifies it as any reader would, and places it in a repository, all at once.</summary>
    /// <inheritdoc cref="Publish(string, Manifest, IReadOnlyList{BundleSource}, Action{Bundle})"/>
    public static Bundle Publish(ModelRepository repository, Manifest draft, IReadOnlyList<BundleSource> sources, Action<Bundle> check)
    {
        ManifestRules.CheckGraph(draft);
        CheckSources(sources);
        if (draft.Version != Manifest.NextVersion && repository.Has(draft.Model, draft.Version))
        {
            throw Exists(repository.NameOf(draft.Model, draft.Version));
        }

        try
        {
            MakeDurably(repository.Root);
            Staging.Sweep(repository.Root);
            using var staging = Staging.Create(repository.Root);
            var files = new List<FileEntry>(sources.Count);
            foreach (var source in sources)
            {
                files.Add(staging.Write(source.Name, source.Write));
            }

            return Place(repository, staging, draft with { Files = files }, check);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{draft.Model} was not published: {exception.Message}", exception);
        }
    }

    private static Bundle Place(ModelRepository repository, Staging staging, Manifest draft, Action<Bundle> check)
    {
        var isChecked = false;
        while (true)
        {
            var version = draft.Version != Manifest.NextVersion ? draft.Version : repository.NextVersion(draft.Model);
            File.Delete(staging.PathOf(Manifest.FileName));
            var json = (draft with { Version = version }).ToJson();
            staging.Write(Manifest.FileName, stream => stream.Write(json));
            staging.FlushDirectories();
            var target = repository.NameOf(draft.Model, version);
            var bundle = BundleReader.Open(staging.Directory, shownAs: $"{target} was not published");
            if (!isChecked)
            {
                check(bundle);
                isChecked = true;
            }

            if (repository.TryPlace(staging, bundle))
            {
                return bundle.At(repository.PathOf(draft.Model, version));
            }

            if (draft.Version != Manifest.NextVersion)
            {
                throw Exists(target);
            }

            // Another publisher took the number since we looked: take the next.
        }
    }

    private static void MakeDurably(string root)
    {
        if (!Directory.Exists(root))
        {
            Directory.CreateDirectory(root);
            DirectorySync.Flush(Path.GetDirectoryName(root) ?? root);
        }
    }

    private static void CheckSources(IReadOnlyList<BundleSource> sources)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
        {
            if (BundlePath.Problem(source.Name) is { } problem)
            {
                throw new BundleException($"\"{source.Name}\": {problem}, expected a relative path inside the bundle");
            }

            if (!names.Add(source.Name))
            {
                throw new BundleException($"\"{source.Name}\" came before, expected each file once, in whatever case");
            }
        }

        if (!names.Contains(Bundle.ModelFile))
        {
            throw new BundleException($"{sources.Count} files without {Bundle.ModelFile}, expected it among them");
        }
    }

    private static BundleException Exists(string target) =>
        new($"{target} exists: a published version is never overwritten");
}
