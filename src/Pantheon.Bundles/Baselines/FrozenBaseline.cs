using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

/// <summary>
/// The distribution that the scores of all versions of a model are moved to: <c>baseline.json</c> in the model's folder, with where it was
/// measured, and who froze it and why. It takes the place of the baselines that the versions' manifests name. Immutable.
/// </summary>
public sealed record FrozenBaseline
{
    public const string FileName = "baseline.json";

    /// <summary>The schema that this code writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Scenarios that one may name: far more than anybody has, and each costs every version a few hundred bytes.</summary>
    public const int MaxScenarios = 256;

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
