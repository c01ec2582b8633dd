namespace Pantheon.Bundles;

/// <summary>One file of a bundle.</summary>
/// <param name="Name">Path inside the bundle with forward slashes, such as <c>weights/part0.bin</c>.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Bytes, at least 1.</param>
public sealed record FileEntry(string Name, string Sha256, long Size);
