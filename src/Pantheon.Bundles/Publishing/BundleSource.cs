namespace Pantheon.Bundles;

/// <summary>One file that goes into a bundle: its path there, and who writes it.</summary>
/// <param name="Name">Path inside the bundle with forward slashes.</param>
/// <param name="Write">Writes the content into a stream that it must not close. Runs once, while publishing.</param>
public sealed record BundleSource(string Name, Action<Stream> Write)
{
    /// <summary>A copy of a file.</summary>
    public static BundleSource FromFile(string name, string path) => new(name, stream =>
    {
        using var source = File.OpenRead(path);
        source.CopyTo(stream, 1 << 20);
    });

    /// <summary>The golden requests, as golden.json.</summary>
    public static BundleSource FromGoldens(IReadOnlyList<GoldenRequest> requests) =>
        new(GoldenFile.Name, stream => GoldenFile.Write(stream, requests));

    /// <summary>A two-column table with any header line, as a vocabulary file with ours.</summary>
    /// <param name="name">Path inside the bundle, usually <c>vocabularies/&lt;input&gt;.tsv</c>.</param>
    /// <param name="path">Raw id, tab, row; the first line is a header.</param>
    public static BundleSource FromTable(string name, string path) => new(name, stream => VocabularyFile.Import(path, stream));
}
