namespace Pantheon.Bundles;

/// <summary>Where what is declared of the models' traffic is kept, for all who share it. Safe for use by many threads.</summary>
public interface ITrafficTables
{
    /// <summary>A model's table changed, by its name, where that is told and need not be looked for.</summary>
    public event Action<string>? Changed;

    /// <summary>What is declared, as far as is known here. At once: it waits for nobody's network.</summary>
    public DeclaredTraffic Known(string model);

    /// <summary>The table as it is at this moment; null: there is none.</summary>
    /// <exception cref="BundleException">It cannot be read or is not one.</exception>
    public Task<TrafficTable?> ReadAsync(string model, CancellationToken cancellation);

    /// <summary>Replaces the table, durably. Once it returns, it is what is known here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">What it becomes; its revision is one above that of the table it replaces.</param>
    /// <param name="cancellation">Gives up waiting; the table may be replaced nevertheless.</param>
    /// <exception cref="TrafficConflictException">Somebody else changed it since; it is as they left it.</exception>
    /// <exception cref="BundleException">It cannot be written, or nobody knows whether it was.</exception>
    public Task WriteAsync(string model, TrafficTable table, CancellationToken cancellation);
}

/// <summary>What is known of a model's declared traffic.</summary>
/// <param name="Table">The table that was declared last; null: nothing is declared.</param>
/// <param name="Problem">Why it may no longer be so, in a sentence for the operator; null: it is so.</param>
/// <param name="IsKnown">False if it was never read: whether and what is declared nobody here can say.</param>
public sealed record DeclaredTraffic(TrafficTable? Table, string? Problem, bool IsKnown = true);
