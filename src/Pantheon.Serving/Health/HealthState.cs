using System.Collections.Immutable;

namespace Pantheon.Serving.Health;

/// <summary>
/// The one place that knows what is served. The process begins not ready, becomes ready once, and when it goes down
/// everything stops being served for good.
/// </summary>
internal sealed class HealthState
{
    /// <summary>Name of the process as a whole, as grpc.health.v1 has it.</summary>
    public const string Overall = "";

    private const string ModelPrefix = "model/";

    // What follows the process as a whole.
    private static readonly string[] s_follow = [Overall, Contracts.V1.Scoring.Descriptor.FullName];

    private readonly Lock _writer = new();
    private volatile HealthSnapshot _current = new(Starting(), final: false);

    public HealthSnapshot Current => _current;

    /// <summary>A model is in service, or is not for a reason that goes into /readyz.</summary>
    public void SetModel(string name, bool serving, string? reason) =>
        Replace(services => services.SetItem(ModelPrefix + name, new ServiceHealth(serving, serving ? "" : reason ?? "not in service")));

    /// <summary>The default model is loaded, gives its golden outputs, and is warm.</summary>
    public void SetReady() => Replace(static services => services.SetItems(s_follow.Select(name => KeyValuePair.Create(name, new ServiceHealth(true, "")))));

    /// <summary>Nothing is served any more, and nothing will be: watchers are told, and their streams end.</summary>
    public void Shutdown() => Replace(
        static services => services.SetItems(services.Keys.Select(name => KeyValuePair.Create(name, new ServiceHealth(false, "going down")))),
        final: true);

    /// <summary>Not ready yet, and knowing the models that are to be served.</summary>
    public static HealthState Of(IEnumerable<string> models)
    {
        var state = new HealthState();
        foreach (var model in models)
        {
            state.SetModel(model, serving: false, "not loaded yet");
        }

        return state;
    }

    private static ImmutableSortedDictionary<string, ServiceHealth> Starting() =>
        ImmutableSortedDictionary.Create<string, ServiceHealth>(StringComparer.Ordinal)
            .SetItems(s_follow.Select(name => KeyValuePair.Create(name, new ServiceHealth(false, "the default model is not in service yet"))));

    private void Replace(Func<ImmutableSortedDictionary<string, ServiceHealth>, ImmutableSortedDictionary<string, ServiceHealth>> change, bool final = false)
    {
        HealthSnapshot old;
        lock (_writer)
        {
            old = _current;
            if (old.Final)
            {
                return;
            }

            _current = new HealthSnapshot(change(old.Services), final);
        }

        old.MarkReplaced();
    }
}
