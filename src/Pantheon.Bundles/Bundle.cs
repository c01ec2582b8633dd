namespace Pantheon.Bundles;

/// <summary>
/// One model version on disk, verified: everything but the graph itself, which only who runs it can judge. A bundle's
/// directory never changes once published.
/// </summary>
public sealed class Bundle
{
    public const string ModelFile = "model.onnx";

    internal Bundle(
        string directory,
        Manifest manifest,
        string digest,
        IReadOnlyDictionary<string, Vocabulary> vocabularies,
        IReadOnlyList<GoldenRequest> goldens)
    {
        Directory = directory;
        Manifest = manifest;
        Digest = digest;
        Vocabularies = vocabularies;
        Goldens = goldens;
    }

    /// <summary>The bundle's directory, absolute.</summary>
    public string Directory { get; }

    public Manifest Manifest { get; }

    /// <summary><c>sha256:</c> and the digest of manifest.json's bytes, which name every other file's digest.</summary>
    public string Digest { get; }

    /// <summary>The graph's file, absolute; external data lies beside it.</summary>
    public string ModelPath => Path.Combine(Directory, ModelFile);

    /// <summary>Vocabularies by the name of their input.</summary>
    public IReadOnlyDictionary<string, Vocabulary> Vocabularies { get; }

    /// <summary>Requests with expected outputs; empty if the bundle has none.</summary>
    public IReadOnlyList<GoldenRequest> Goldens { get; }

    /// <summary>Reads a bundle and verifies manifest, sizes, digests, vocabularies and golden requests.</summary>
    /// <param name="directory">The version's directory.</param>
    /// <exception cref="BundleException">Refused; the message starts with the directory and gives one reason.</exception>
    public static Bundle Open(string directory) => BundleReader.Open(directory);

    /// <summary>The same bundle after its directory was renamed.</summary>
    internal Bundle At(string directory) => new(directory, Manifest, Digest, Vocabularies, Goldens);
}
