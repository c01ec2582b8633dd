using System.Collections.Concurrent;
using Pantheon.Bundles;

namespace Pantheon.Scoring.Calibration;

/// <summary>
/// The frozen baselines of a repository's models as they were read last. One that cannot be read changes nothing: what was read before holds.
/// Safe for use by many threads.
/// </summary>
/// <param name="repository">Where they are.</param>
public sealed class FrozenBaselines(ModelRepository repository)
{
    private readonly ConcurrentDictionary<string, Found> _found = new(StringComparer.Ordinal);

    /// <summary>A model's, read now if it never was; null: it has none.</summary>
    public FrozenBaseline? Of(string model) => (_found.TryGetValue(model, out var found) ? found : Read(model)).Baseline;

    /// <summary>Why a model's could not be read; null: it could.</summary>
    public string? ProblemOf(string model) => _found.GetValueOrDefault(model)?.Problem;

    /// <summary>Reads a model's again.</summary>
    /// <returns>What holds now.</returns>
    public FrozenBaseline? Refresh(string model) => Read(model).Baseline;

    /// <summary>Replaces a model's, for all who share the repository.</summary>
    /// <exception cref="BundleException">Somebody else was quicker, or the disk refuses; nothing changed.</exception>
    public void Write(string model, FrozenBaseline baseline)
    {
        repository.Baseline(model).Write(baseline);
        Read(model);
    }

    private Found Read(string model)
    {
        Found next;
        try
        {
            next = new Found(repository.Baseline(model).Read(), null);
        }
        catch (BundleException error)
        {
            next = new Found(_found.GetValueOrDefault(model)?.Baseline, error.Message);
        }

        _found[model] = next;
        return next;
    }

    private sealed record Found(FrozenBaseline? Baseline, string? Problem);
}
