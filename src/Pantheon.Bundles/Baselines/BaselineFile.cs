using System.Globalization;
using System.Text.Json;

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

    // Far outside of what a graph gives, and near enough to 1 that no ratio or sum of two leaves the range of a float.
    private const double Smallest = 1e-15;
    private const double Largest = 1e15;

    private const string LockFile = ".baseline.lock";

    private readonly string _path = Path.Combine(modelDirectory, FrozenBaseline.FileName);

    /// <summary>The baseline; null: there is none.</summary>
    /// <exception cref="BundleException">It cannot be read or is not one, with the field; what serves should go on serving.</exception>
    public FrozenBaseline? Read()
    {
        if (WholeFile.Read(_path, MaxBytes) is not { } bytes)
        {
            return null;
        }

        try
        {
            return Check(JsonSerializer.Deserialize(bytes, ManifestJson.Default.FrozenBaseline) ?? throw Refused("null, expected a baseline"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second: a text with half of a surrogate pair.
            throw Refused($"not a baseline of schema version {FrozenBaseline.CurrentSchemaVersion}: {error.Message}");
        }
    }

    /// <summary>Replaces the baseline, durably.</summary>
    /// <param name="baseline">What it becomes, one version on from what there is.</param>
    /// <exception cref="BundleException">It is none, somebody else was quicker, or the disk refuses; what was there is as it was.</exception>
    public void Write(FrozenBaseline baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        Check(baseline);
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
                JsonSerializer.Serialize(file, baseline, ManifestJson.Default.FrozenBaseline);
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

    private FrozenBaseline Check(FrozenBaseline baseline)
    {
        if (baseline.SchemaVersion != FrozenBaseline.CurrentSchemaVersion)
        {
            throw Refused($"schema version {baseline.SchemaVersion}, this service reads {FrozenBaseline.CurrentSchemaVersion}");
        }

        if (baseline.Version < 1)
        {
            throw Refused($"version: got {baseline.Version}, expected 1 or above");
        }

        if (baseline.Scenarios.Count > FrozenBaseline.MaxScenarios)
        {
            throw Refused($"scenarios: got {baseline.Scenarios.Count}, expected at most {FrozenBaseline.MaxScenarios}");
        }

        Check("default", baseline.Default);
        foreach (var (scenario, moments) in baseline.Scenarios)
        {
            if (scenario.Length == 0)
            {
                throw Refused("scenarios: an empty name, expected the name of a scenario; what is of no scenario is under default");
            }

            Check($"scenarios.{scenario}", moments ?? throw Refused($"scenarios.{scenario}: null, expected moments"));
        }

        return baseline;
    }

    private void Check(string key, FrozenMoments moments)
    {
        Range($"{key}.mean", moments.Mean, -Largest, Largest);
        Range($"{key}.std", moments.Std, Smallest, Largest);
        Range($"{key}.scores", moments.Scores, 0, double.MaxValue);
        Range($"{key}.requests", moments.Requests, 0, double.MaxValue);
    }

    private void Range(string key, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw Refused(string.Create(CultureInfo.InvariantCulture, $"{key}: got {value}, expected a number of {least} to {most}"));
        }
    }

    private BundleException Refused(string reason) => new($"{_path}: {reason}");
}
