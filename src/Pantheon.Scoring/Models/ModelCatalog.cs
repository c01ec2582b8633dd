using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Pantheon.Scoring.Requests;

namespace Pantheon.Scoring.Models;

/// <summary>What is served under one model's name. Immutable.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="InService">The version that answers by default; null while none could be loaded.</param>
/// <param name="Versions">All loaded versions.</param>
/// <param name="Reason">Why nothing is in service; null if something is.</param>
public sealed record ServedModel(string Name, LoadedModel? InService, IReadOnlyDictionary<long, LoadedModel> Versions, string? Reason);

/// <summary>
/// What is served now: one immutable snapshot behind one reference, replaced whole and read once per request, so that
/// no request ever sees half a change.
/// </summary>
/// <param name="defaultModel">The model of requests that name none.</param>
public sealed class ModelCatalog(string defaultModel)
{
    private readonly Lock _publishing = new();
    private volatile FrozenDictionary<string, ServedModel> _models = FrozenDictionary<string, ServedModel>.Empty;

    /// <summary>The model of requests that name none.</summary>
    public string DefaultModel => defaultModel;

    /// <summary>Everything that is known now.</summary>
    public IReadOnlyCollection<ServedModel> Models => _models.Values;

    /// <summary>Replaces what is served under one name.</summary>
    public void Publish(ServedModel model)
    {
        // Two who publish at once must not undo each other; readers never wait.
        lock (_publishing)
        {
            var models = new Dictionary<string, ServedModel>(_models, StringComparer.Ordinal) { [model.Name] = model };
            _models = models.ToFrozenDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>Finds the version that a request is for.</summary>
    /// <param name="name">Model; empty: the default.</param>
    /// <param name="version">Version; 0: the one in service.</param>
    /// <param name="model">The version, if found.</param>
    /// <param name="fault">Otherwise why not.</param>
    public bool TryResolve(string name, long version, [NotNullWhen(true)] out LoadedModel? model, [NotNullWhen(false)] out RankFault? fault)
    {
        model = null;
        fault = null;
        name = name.Length == 0 ? defaultModel : name;
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
            model = served.InService;
            fault = model is null ? new RankFault(RankFaultKind.NotLoaded, $"model '{name}' is not loaded: {served.Reason}") : null;
        }
        else if (!served.Versions.TryGetValue(version, out model))
        {
            var loaded = served.Versions.Count == 0 ? "none" : string.Join(", ", served.Versions.Keys.Order());
            fault = new RankFault(RankFaultKind.NotLoaded, $"version: got {version}, expected a loaded version of '{name}' ({loaded})");
        }

        return model is not null;
    }
}
