using System.Globalization;

namespace Pantheon.Bundles;

/// <summary>
/// <c>baseline.json</c> of a model: read whole, replaced whole. Writers on one or many machines take turns by a lock file beside it; what a
/// new baseline replaces stays beside it as <c>baseline.N.json</c>.
/// </summary>
/// <param name="modelDirectory">The model's folder.</param>
public sealed class BaselineFile(string modelDirectory)
{
    // As many scenarios as there may be take some 50 KB.
    private const long MaxBytes = 1 << 20;

    private const string LockFile = ".baseline.lock";

    private readonly string _path = Path.Combine(modelDirectory, FrozenBaseline.FileName);

    /// <summary>The baseline; null: there is none.</summary>
    /// <exception cref="BundleException">It cannot be read or is not one, with the field; what serves should go on serving.</exception>
    public FrozenBaseline? Read() => WholeFile.Read(_path, MaxBytes) is { } bytes ? FrozenBaseline.Parse(bytes, _path) : null;

    /// <summary>Replaces the baseline, durably.</summary>
    /// <param name="baseline">What it becomes, one version on from what there is.</param>
    /// <exception cref="BundleException">It is none, somebody else was quicker, or the disk refuses; what was there is as it was.</exception>
    public void Write(FrozenBaseline baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        baseline.Check(_path);
        var aside = Path.Combine(modelDirectory, $".{FrozenBaseline.FileName}");
        try
        {
            using var @lock = new FileStream(Path.Combine(modelDirectory, LockFile), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            var before = Read()?.Version ?? 0;
            if (before != baseline.Version - 1)
            {
                throw Refused($"it is at version {before}, not {baseline.Version - 1}: somebody else changed it meanwhile");
            }

            // Closed before it gets its name: a reader must never find it open for writing. A crash leaves it to the next writer.
            using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(baseline.ToJson());
                file.Write("\n"u8);
                file.Flush(flushToDisk: true);
            }

            if (before > 0)
            {
                File.Copy(_path, Path.Combine(modelDirectory, string.Create(CultureInfo.InvariantCulture, $"baseline.{before}.json")), overwrite: true);
            }

            File.Move(aside, _path, overwrite: true);
            DirectorySync.Flush(modelDirectory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(error.Message);
        }
    }

    private BundleException Refused(string reason) => new($"{_path}: {reason}");
}
