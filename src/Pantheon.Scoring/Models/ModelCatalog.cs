using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Rollout;

namespace Pantheon.Scoring.Models;

/// <summary>What is served under one model's name. Immutable.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="InService">The version that answers by default; null while none could be loaded.</param>
/// <param name="Versions">All loaded versions.</param>
/// <param name="Reason">Why nothing is in service; null if something is.</param>
public sealed record ServedModel(string Name, LoadedModel? InService, IReadOnlyDictionary<long, LoadedModel> Versions, string? Reason)
{
    /// <summary>The version under trial; null: none.</summary>
    public LoadedModel? Canary { get; init; }

    /// <summary>Who is answered by <see cref="Canary"/>.</summary>
    public UserShare? CanaryUsers { get; init; }

    /// <summary>The version that is scored beside the one that answers, and never answers; null: none.</summary>
    public LoadedModel? Shadow { get; init; }

    /// <summary>The share of the requests that <see cref="Shadow"/> scores, in percent.</summary>
    public double ShadowPercent { get; init; }

    /// <summary>Which part of the traffic a version has.</summary>
    public ServingArm ArmOf(LoadedModel model) =>
        model == InService ? ServingArm.Base : model == Canary ? ServingArm.Canary : model == Shadow ? ServingArm.Shadow : ServingArm.Pinned;
}

/// <summary>A version that a request uses. It stays loaded until the lease is disposed, which is done once.</summary>
/// <param name="Model">The version.</param>
/// <param name="Arm">What it was chosen for.</param>
/// <param name="Served">What was served when it was chosen.</param>
public readonly record struct ModelLease(LoadedModel Model, ServingArm Arm, ServedModel Served) : IDisposable
{
    /// <summary>Lets it go.</summary>
    public void Dispose() => Model?.Return();
}

/// <summary>
/// What is served now: one immutable snapshot behind one reference, replaced whole and read once per request, so that
/// no request ever sees half a change.
/// </summary>
/// <param name="defaultModel">The model of requests that name none.</param>
public sealed class ModelCatalog(string defaultModel)
{
    private readonly Lock _publishing = new();
    private volatile bool _hasShadow;
    private volatile FrozenDictionary<string, ServedModel> _models = FrozenDictionary<string, ServedModel>.Empty;

    /// <summary>The model of requests that name none.</summary>
    public string DefaultModel => defaultModel;

    /// <summary>Everything that is known now.</summary>
    public IReadOnlyCollection<ServedModel> Models => _models.Values;

    /// <summary>Whether any model has a version that is scored beside the one that answers.</summary>
    public bool HasShadow => _hasShadow;

    /// <summary>Replaces what is served under one name.</summary>
    public void Publish(ServedModel model)
    {
        // Two who publish at once must not undo each other; readers never wait.
        lock (_publishing)
        {
            var models = new Dictionary<string, ServedModel>(_models, StringComparer.Ordinal) { [model.Name] = model };
            _models = models.ToFrozenDictionary(StringComparer.Ordinal);
            _hasShadow = models.Values.Any(served => served.Shadow is not null);
        }
    }

    /// <summary>Finds the version that a request is for, and keeps it loaded.</summary>
    /// <param name="name">Model; empty: the default.</param>
    /// <param name="version">Version; 0: the one in service, or under trial, for this user.</param>
    /// <param name="userKey">What a trial's users are drawn by; empty: nobody in particular, who takes part in none.</param>
    /// <param name="lease">The version, if found; to be disposed.</param>
    /// <param name="fault">Otherwise why not.</param>
    public bool TryLease(string name, long version, string userKey, out ModelLease lease, [NotNullWhen(false)] out RankFault? fault)
    {
        name = name.Length == 0 ? defaultModel : name;
        while (TryResolve(name, version, userKey, out lease, out fault))
        {
            if (lease.Model.TryLease())
            {
                return true;
            }

            // It was retired after we read what is served, which by then is something else.
        }

        return false;
    }

    private bool TryResolve(string name, long version, string userKey, out ModelLease found, [NotNullWhen(false)] out RankFault? fault)
    {
        LoadedModel? model = null;
        var arm = ServingArm.Pinned;
        fault = null;
        if (version < 0)
        {
            fault = RankFault.Invalid("version", $"{version}", "0 (the one in service) or above");
        }
        else if (!_models.TryGetValue(name, out var served))
        {
            var known = string.Join(", ", _models.Keys.Order(StringComparer.Ordinal));
            fault = new RankFault(RankFaultKind.UnknownModel, $"model: got '{name}', expected one of {(known.Length == 0 ? "none: no model is loaded yet" : known)}");
        }
        else if (version == 0)
        {
            (model, arm) = served.Canary is { } canary && served.CanaryUsers!.Contains(userKey) ? (canary, ServingArm.Canary) : (served.InService, ServingArm.Base);
            fault = model is null ? new RankFault(RankFaultKind.NotLoaded, $"model '{name}' is not loaded: {served.Reason}") : null;
            found = new ModelLease(model!, arm, served);
            return model is not null;
        }
        else if (!served.Versions.TryGetValue(version, out model))
        {
            var loaded = served.Versions.Count == 0 ? "none" : string.Join(", ", served.Versions.Keys.Order());
            fault = new RankFault(RankFaultKind.NotLoaded, $"version: got {version}, expected a loaded version of '{name}' ({loaded})");
        }
        else
        {
            found = new ModelLease(model, arm, served);
            return true;
        }

        found = default;
        return false;
    }
}
