using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

/// <summary>
/// What one model's versions are to do: <c>traffic.json</c> in the model's folder. It declares; whoever serves brings it about, and
/// serves what is good until then. Every change is a new table, one revision on, that names who asked and why. Immutable.
/// </summary>
public sealed record TrafficTable
{
    public const string FileName = "traffic.json";

    /// <summary>The schema that this code writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Bases that <see cref="Earlier"/> remembers: as many rollbacks in a row as anybody could want.</summary>
    public const int KeptBases = 8;

    /// <summary>Changes that <see cref="History"/> keeps, the oldest going first: months of them, and still a small file.</summary>
    public const int KeptChanges = 500;

    [JsonRequired]
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>One more with every change, from 1.</summary>
    public required long Revision { get; init; }

    /// <summary>The version in service.</summary>
    public required long Base { get; init; }

    /// <summary>Bases before it, the last one last; it stays warm for a rollback.</summary>
    public IReadOnlyList<long> Earlier
    {
        get => field ?? [];
        init;
    }

    /// <summary>The base that a rollback returns to; null: there was none.</summary>
    [JsonIgnore]
    public long? Previous => Earlier.Count > 0 ? Earlier[^1] : null;

    /// <summary>The version under trial on a share of the users; null: none.</summary>
    public CanaryTraffic? Canary { get; init; }

    /// <summary>The version that is scored beside the base and never answers; null: none.</summary>
    public ShadowTraffic? Shadow { get; init; }

    /// <summary>Versions to be kept loaded for requests that pin them.</summary>
    public IReadOnlyList<long> Loaded
    {
        get => field ?? [];
        init;
    }

    /// <summary>How it came to this, oldest first.</summary>
    public IReadOnlyList<TrafficChange> History
    {
        get => field ?? [];
        init;
    }

    /// <summary>Versions that it has a use for.</summary>
    [JsonIgnore]
    public IReadOnlyList<long> Wanted =>
        [.. ((long?[])[Base, Canary?.Version, Shadow?.Version, Previous]).OfType<long>().Concat(Loaded).Distinct()];

    /// <summary>Reads a table.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="where">What messages begin with: where it lies.</param>
    /// <exception cref="BundleException">It is none, or none of this schema version.</exception>
    public static TrafficTable Parse(ReadOnlySpan<byte> json, string where)
    {
        TrafficTable? table;
        try
        {
            table = JsonSerializer.Deserialize(json, ManifestJson.Default.TrafficTable);
        }
        catch (JsonException error)
        {
            throw new BundleException($"{where}: not a table of schema version {CurrentSchemaVersion}: {error.Message}", error);
        }

        (table ?? throw new BundleException($"{where}: null, expected a table")).Check(where);
        return table;
    }

    /// <summary>The table as <see cref="Parse"/> reads it, in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.TrafficTable);

    /// <summary>The table of a model that has none yet.</summary>
    /// <param name="inService">What serves.</param>
    /// <param name="before">What served before it, warm still; null: nothing.</param>
    public static TrafficTable Undeclared(long inService, long? before) => new() { Revision = 0, Base = inService, Earlier = before is { } version ? [version] : [] };

    /// <summary>The version becomes the base; what was the base stays warm. Where nothing is declared yet, that what serves is to serve can be declared so.</summary>
    /// <exception cref="TrafficException">It is the base.</exception>
    public TrafficTable Promote(long version, TrafficAsk ask)
    {
        if (version == Base)
        {
            return Revision == 0 ? Next("promote", version, ask, this) : throw new TrafficException($"version {version} is the base already");
        }

        return Next("promote", version, ask, this with
        {
            Base = version,
            Earlier = [.. Earlier.Where(earlier => earlier != version).Append(Base).TakeLast(KeptBases)],
            Canary = Canary?.Version == version ? null : Canary,
            Shadow = Shadow?.Version == version ? null : Shadow,
        });
    }

    /// <summary>The version gets a share of the users, or another one than it has; 0 ends the trial.</summary>
    /// <param name="version">The version.</param>
    /// <param name="percent">0 to 100.</param>
    /// <param name="ask">Who asked.</param>
    /// <exception cref="TrafficException">Not a percentage, it is the base, or another version is under trial.</exception>
    public TrafficTable TryOut(long version, double percent, TrafficAsk ask)
    {
        CheckPercent(percent);
        if (version == Base)
        {
            throw new TrafficException($"version {version} is the base: it has all the traffic that no canary has");
        }

        if (Canary is { } canary && canary.Version != version)
        {
            throw new TrafficException(string.Create(
                CultureInfo.InvariantCulture, $"version {canary.Version} is under trial at {canary.Percent} %: end that first, with a share of 0"));
        }

        // The salt stays while the trial lasts, so that a larger share only adds users; the next trial draws others.
        return Next("canary", version, ask, this with
        {
            Canary = percent == 0 ? null : new CanaryTraffic(version, percent, Canary?.Salt ?? string.Create(CultureInfo.InvariantCulture, $"{version}.{Revision + 1}")),
            Shadow = Shadow?.Version == version ? null : Shadow,
        });
    }

    /// <summary>The version is scored beside the base on a share of the requests, in the place of any that is; 0 ends it.</summary>
    /// <exception cref="TrafficException">Not a percentage, or it already answers.</exception>
    public TrafficTable Compare(long version, double percent, TrafficAsk ask)
    {
        CheckPercent(percent);
        if (version == Base || version == Canary?.Version)
        {
            throw new TrafficException($"version {version} answers already; a shadow never does");
        }

        return Next("shadow", version, ask, this with { Shadow = percent == 0 ? null : new ShadowTraffic(version, percent) });
    }

    /// <summary>Ends the trial if there is one; else the base before this one returns.</summary>
    /// <exception cref="TrafficException">Neither is there.</exception>
    public TrafficTable Rollback(TrafficAsk ask) =>
        Canary is { } canary ? Next("rollback", canary.Version, ask, this with { Canary = null })
        : Previous is { } previous ? Next("rollback", Base, ask, this with { Base = previous, Earlier = [.. Earlier.SkipLast(1)] })
        : throw new TrafficException("there is no trial to end and no base before this one");

    /// <summary>The version is to be loaded, for requests that pin it.</summary>
    /// <exception cref="TrafficException">It is wanted already.</exception>
    public TrafficTable Load(long version, TrafficAsk ask) => Wanted.Contains(version)
        ? throw new TrafficException($"version {version} is to be loaded already")
        : Next("load", version, ask, this with { Loaded = [.. Loaded, version] });

    /// <summary>The version need not be loaded; if it is the base before this one, nothing is kept warm for a rollback.</summary>
    /// <exception cref="TrafficException">It has traffic, or was not to be loaded.</exception>
    public TrafficTable Unload(long version, TrafficAsk ask)
    {
        if (version == Base || version == Canary?.Version || version == Shadow?.Version)
        {
            throw new TrafficException($"version {version} has traffic: promote another one, or end its trial, first");
        }

        return Wanted.Contains(version)
            ? Next("unload", version, ask, this with { Loaded = [.. Loaded.Where(loaded => loaded != version)], Earlier = [.. Earlier.Where(earlier => earlier != version)] })
            : throw new TrafficException($"version {version} is not loaded");
    }

    /// <exception cref="BundleException">It says what cannot be.</exception>
    internal void Check(string where)
    {
        var problem = SchemaVersion != CurrentSchemaVersion ? $"schema version {SchemaVersion}, this service reads {CurrentSchemaVersion}"
            : Revision < 1 ? $"revision: got {Revision}, expected 1 or above"
            : Wanted.Concat(Earlier).Any(version => version < 1) ? "a version below 1, expected positive numbers"
            : Canary is { Percent: not (> 0 and <= 100) } ? "canary: a percent that is not above 0 and at most 100"
            : Shadow is { Percent: not (> 0 and <= 100) } ? "shadow: a percent that is not above 0 and at most 100"
            : Canary?.Version == Base || Shadow?.Version == Base ? "the base is a canary or shadow too"
            : null;
        if (problem is not null)
        {
            throw new BundleException($"{where}: {problem}");
        }
    }

    private static void CheckPercent(double percent)
    {
        if (!(percent is >= 0 and <= 100))
        {
            throw new TrafficException(string.Create(CultureInfo.InvariantCulture, $"percent: got {percent}, expected 0 to 100"), isInvalid: true);
        }
    }

    private TrafficTable Next(string action, long version, TrafficAsk ask, TrafficTable next)
    {
        var change = new TrafficChange
        {
            Revision = Revision + 1,
            At = ask.At,
            By = ask.By,
            Action = action,
            Version = version,
            Reason = ask.Reason,
            Base = next.Base,
            Canary = next.Canary,
            Shadow = next.Shadow,
        };
        return next with { Revision = Revision + 1, History = [.. History.Append(change).TakeLast(KeptChanges).ToImmutableArray()] };
    }
}

/// <summary>A version under trial.</summary>
/// <param name="Version">The version.</param>
/// <param name="Percent">Share of the users, above 0, at most 100.</param>
/// <param name="Salt">With the user's key, what decides who: the same on every replica.</param>
public sealed record CanaryTraffic(long Version, double Percent, string Salt);

/// <summary>A version that is scored and never answers.</summary>
/// <param name="Version">The version.</param>
/// <param name="Percent">Share of the requests, above 0, at most 100.</param>
public sealed record ShadowTraffic(long Version, double Percent);

/// <summary>Who wants a change.</summary>
/// <param name="By">A person or a program, as it called itself.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="At">When.</param>
public sealed record TrafficAsk(string By, string Reason, DateTimeOffset At);

/// <summary>One change of a table, and what it left.</summary>
public sealed record TrafficChange
{
    public required long Revision { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string By { get; init; }

    /// <summary>promote, canary, shadow, rollback, load or unload.</summary>
    public required string Action { get; init; }

    /// <summary>The version that it was about.</summary>
    public required long Version { get; init; }

    public required string Reason { get; init; }

    /// <summary>The base after it.</summary>
    public required long Base { get; init; }

    /// <summary>The trial after it; null: none.</summary>
    public CanaryTraffic? Canary { get; init; }

    /// <summary>The shadow after it; null: none.</summary>
    public ShadowTraffic? Shadow { get; init; }
}

/// <summary>A change that makes no sense as things stand. The message is one sentence for who asked.</summary>
public sealed class TrafficException : Exception
{
    public TrafficException()
    {
    }

    public TrafficException(string message)
        : base(message)
    {
    }

    public TrafficException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public TrafficException(string message, bool isInvalid)
        : base(message) => IsInvalid = isInvalid;

    /// <summary>Whether it could never make sense, whatever the table.</summary>
    public bool IsInvalid { get; }
}
