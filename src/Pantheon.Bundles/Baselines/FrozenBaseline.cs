using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

/// <summary>
/// The distribution that the scores of all versions of a model are moved to, with where it was measured, and who froze it and why:
/// <c>baseline.json</c> in the model's folder, or the same in the store that replicas share. It takes the place of the baselines that the
/// versions' manifests name. Immutable.
/// </summary>
public sealed record FrozenBaseline
{
    public const string FileName = "baseline.json";

    /// <summary>The schema that this code writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Scenarios that one may name: far more than anybody has, and each costs every version a few hundred bytes.</summary>
    public const int MaxScenarios = 256;

    // Far outside of what a graph gives, and near enough to 1 that no ratio or sum of two leaves the range of a float.
    private const double Smallest = 1e-15;
    private const double Largest = 1e15;

    [JsonRequired]
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>One more with every freezing, from 1.</summary>
    public required long Version { get; init; }

    /// <summary>Of requests whose scenario is not among <see cref="Scenarios"/>.</summary>
    public required FrozenMoments Default { get; init; }

    /// <summary>Of single scenarios.</summary>
    public IReadOnlyDictionary<string, FrozenMoments> Scenarios
    {
        get => field ?? NoScenarios;
        init;
    }

    /// <summary>What was measured.</summary>
    public required BaselineSource Source { get; init; }

    /// <summary>When it was frozen.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who froze it: a person or a program, as it called itself.</summary>
    public required string By { get; init; }

    /// <summary>Why; may be empty.</summary>
    public required string Reason { get; init; }

    private static readonly IReadOnlyDictionary<string, FrozenMoments> NoScenarios = new Dictionary<string, FrozenMoments>();

    /// <summary>Reads a baseline.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="where">What messages begin with: where it lies.</param>
    /// <exception cref="BundleException">It is none, or none of this schema version, with the field.</exception>
    public static FrozenBaseline Parse(ReadOnlySpan<byte> json, string where)
    {
        FrozenBaseline? baseline;
        try
        {
            baseline = JsonSerializer.Deserialize(json, ManifestJson.Default.FrozenBaseline);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second: a text with half of a surrogate pair.
            throw new BundleException($"{where}: not a baseline of schema version {CurrentSchemaVersion}: {error.Message}", error);
        }

        (baseline ?? throw new BundleException($"{where}: null, expected a baseline")).Check(where);
        return baseline;
    }

    /// <summary>The baseline as <see cref="Parse"/> reads it, in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.FrozenBaseline);

    /// <summary>Throws what is wrong with it.</summary>
    /// <param name="where">What messages begin with: where it lies.</param>
    /// <exception cref="BundleException">It says what cannot be, with the field.</exception>
    public void Check(string where)
    {
        if (SchemaVersion != CurrentSchemaVersion)
        {
            throw new BundleException($"{where}: schema version {SchemaVersion}, this service reads {CurrentSchemaVersion}");
        }

        if (Version < 1)
        {
            throw new BundleException($"{where}: version: got {Version}, expected 1 or above");
        }

        if (Scenarios.Count > MaxScenarios)
        {
            throw new BundleException($"{where}: scenarios: got {Scenarios.Count}, expected at most {MaxScenarios}");
        }

        Check($"{where}: default", Default);
        foreach (var (scenario, moments) in Scenarios)
        {
            if (scenario.Length == 0)
            {
                throw new BundleException($"{where}: scenarios: an empty name, expected the name of a scenario; what is of no scenario is under default");
            }

            Check($"{where}: scenarios.{scenario}", moments ?? throw new BundleException($"{where}: scenarios.{scenario}: null, expected moments"));
        }
    }

    private static void Check(string key, FrozenMoments moments)
    {
        Range($"{key}.mean", moments.Mean, -Largest, Largest);
        Range($"{key}.std", moments.Std, Smallest, Largest);
        Range($"{key}.scores", moments.Scores, 0, double.MaxValue);
        Range($"{key}.requests", moments.Requests, 0, double.MaxValue);
    }

    private static void Range(string key, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw new BundleException(string.Create(CultureInfo.InvariantCulture, $"{key}: got {value}, expected a number of {least} to {most}"));
        }
    }
}

/// <summary>Moments as they were measured.</summary>
/// <param name="Mean">In units of the score.</param>
/// <param name="Std">Standard deviation, in units of the score, above 0.</param>
/// <param name="Scores">What the scores weighed, decayed.</param>
/// <param name="Requests">What their requests weighed, decayed.</param>
public sealed record FrozenMoments(double Mean, double Std, double Scores, double Requests);

/// <summary>Which scores a baseline was measured on.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Digest">That version's digest.</param>
/// <param name="From">When measuring began.</param>
/// <param name="To">When it was read; the later scores weigh more.</param>
public sealed record BaselineSource(string Model, long Version, string Digest, DateTimeOffset From, DateTimeOffset To);
