using System.Globalization;

namespace Pantheon.Bundles;

/// <summary>What must hold between a manifest's values, beyond each being of its type.</summary>
internal static class ManifestRules
{
    private const int MaxNameLength = 256;
    private const int Sha256Digits = 64;

    /// <summary>All that a draft, too, must obey.</summary>
    public static void CheckGraph(Manifest manifest)
    {
        if (manifest.SchemaVersion != Manifest.CurrentSchemaVersion)
        {
            throw new BundleException(
                $"{Manifest.FileName}: schema version {manifest.SchemaVersion}, this service reads {Manifest.CurrentSchemaVersion}");
        }

        if (!BundlePath.IsModelName(manifest.Model))
        {
            throw Refused("model", $"\"{manifest.Model}\"", "a letter or digit, then up to 63 letters, digits, '_', '.' or '-'");
        }

        if (manifest.Version < 0)
        {
            throw Refused("version", $"{manifest.Version}", "a positive number");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < manifest.Inputs.Count; index++)
        {
            CheckName(manifest.Inputs[index].Name, $"inputs[{index}].name", names);
            InputRules.Check(manifest.Inputs[index], $"inputs[{index}]");
        }

        if (!manifest.Inputs.Any(input => input.Side == FeatureSide.Candidate))
        {
            throw Refused("inputs", $"{manifest.Inputs.Count} of the user", "at least one of the candidates");
        }

        for (var index = 0; index < manifest.Outputs.Count; index++)
        {
            CheckName(manifest.Outputs[index].Name, $"outputs[{index}].name", names);
        }

        var objectives = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < manifest.Objectives.Count; index++)
        {
            CheckName(manifest.Objectives[index], $"objectives[{index}]", objectives);
        }

        OutputRules.Check(manifest);
        if (manifest.Calibration is { } calibration)
        {
            CalibrationRules.Check(calibration);
        }
    }

    /// <summary>All that only a finished manifest must obey.</summary>
    public static void CheckFiles(Manifest manifest)
    {
        if (manifest.Version <= 0)
        {
            throw Refused("version", $"{manifest.Version}", "a positive number");
        }

        // Two names that differ only in case are one file on some systems.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < manifest.Files.Count; index++)
        {
            var file = manifest.Files[index];
            var key = $"files[{index}]";
            if (BundlePath.Problem(file.Name) is { } problem)
            {
                throw Refused($"{key}.name", $"\"{Shown(file.Name)}\" ({problem})", "a relative path inside the bundle");
            }

            if (!names.Add(file.Name))
            {
                throw Refused($"{key}.name", $"\"{file.Name}\" came before", "each file once, in whatever case");
            }

            if (file.Sha256.Length != Sha256Digits || !file.Sha256.All(char.IsAsciiHexDigitLower))
            {
                throw Refused($"{key}.sha256", $"\"{Shown(file.Sha256)}\"", "64 lower-case hexadecimal digits");
            }

            if (file.Size <= 0)
            {
                throw Refused($"{key}.size", $"{file.Size}", "at least 1 byte");
            }
        }

        CheckNamed(manifest, Bundle.ModelFile, "files");
        for (var index = 0; index < manifest.Inputs.Count; index++)
        {
            if (manifest.Inputs[index].Vocabulary is { } vocabulary)
            {
                CheckNamed(manifest, vocabulary.File, $"inputs[{index}].vocabulary.file");
            }
        }
    }

    internal static BundleException Refused(string key, FormattableString came, string expected) =>
        new($"{Manifest.FileName}: {key}: {came.ToString(CultureInfo.InvariantCulture)}, expected {expected}");

    private static BundleException Refused(string key, string came, string expected) =>
        new($"{Manifest.FileName}: {key}: {came}, expected {expected}");

    private static void CheckName(string name, string key, HashSet<string> seen)
    {
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            throw Refused(key, $"\"{Shown(name)}\"", $"1 to {MaxNameLength} characters, none of them a control character");
        }

        if (!seen.Add(name))
        {
            throw Refused(key, $"\"{name}\" came before", "each name once");
        }
    }

    private static void CheckNamed(Manifest manifest, string file, string key)
    {
        if (!manifest.Files.Any(entry => entry.Name == file))
        {
            throw Refused(key, $"\"{Shown(file)}\" is not among the files", "an entry with name, sha256 and size in files");
        }
    }

    private static string Shown(string text) => text.Length <= MaxNameLength ? text : text[..MaxNameLength] + "...";
}
