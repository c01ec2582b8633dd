namespace Pantheon.Learning.Data;

/// <summary>What was read.</summary>
/// <param name="Files">Every file, in the order in which their rows count.</param>
/// <param name="BadRows">The first rows that were left out, at most 20 of each file.</param>
/// <param name="Sha256">One digest of names, sizes and contents of all files, lower-case hex.</param>
public sealed record LoadReport(IReadOnlyList<FileReport> Files, IReadOnlyList<BadRow> BadRows, string Sha256);

/// <summary>One file.</summary>
/// <param name="Name">Without its folder.</param>
/// <param name="Bytes">Size on disk.</param>
/// <param name="Sha256">Of the bytes on disk, lower-case hex.</param>
/// <param name="Rows">Lines after the header, empty ones aside.</param>
/// <param name="Bad">Of these, how many were left out because they could not be read.</param>
public sealed record FileReport(string Name, long Bytes, string Sha256, long Rows, long Bad);

/// <summary>A row that was left out.</summary>
/// <param name="File">Without its folder.</param>
/// <param name="Line">From 1, the header's.</param>
/// <param name="Reason">What came and what was expected.</param>
public sealed record BadRow(string File, long Line, string Reason)
{
    public override string ToString() => $"{File}: line {Line}: {Reason}";
}

/// <summary>How far loading is.</summary>
/// <param name="BytesRead">Bytes on disk read so far.</param>
/// <param name="BytesTotal">Bytes on disk of the files that are being read.</param>
public readonly record struct LoadProgress(long BytesRead, long BytesTotal);
