namespace Pantheon.Promotion.Trials;

/// <summary>What serves, as a promoter sees it.</summary>
/// <param name="Base">The version that is declared to serve.</param>
/// <param name="Canary">The version on trial; null: none.</param>
/// <param name="Percent">Its share of the users.</param>
/// <param name="IsDeclared">Whether anything is declared; if not, the newest version serves.</param>
/// <param name="LastChange">The newest change in words: who, what, why; empty: none.</param>
public sealed record TrafficState(long Base, long? Canary, double Percent, bool IsDeclared, string LastChange)
{
    /// <summary>A change in words.</summary>
    public static string Words(string action, long version, string by, string reason) =>
        FormattableString.Invariant($"{action} of version {version} by {by}{(reason.Length > 0 ? $": {reason}" : "")}");
}

/// <summary>The service's Models, over the wire or in the same process.</summary>
public interface IModelControl
{
    /// <summary>How things stand.</summary>
    /// <exception cref="ModelControlException">It cannot be asked now.</exception>
    public Task<TrafficState> GetAsync(string model, CancellationToken cancellation);

    /// <summary>Gives a version a share of the users, or another share; 0 ends the trial.</summary>
    /// <inheritdoc cref="PromoteAsync"/>
    public Task<TrafficState> SetCanaryAsync(string model, long version, double percent, string reason, CancellationToken cancellation);

    /// <summary>Makes a version the base.</summary>
    /// <exception cref="ModelControlException">It was refused, or the service cannot be asked now; nothing changed.</exception>
    public Task<TrafficState> PromoteAsync(string model, long version, string reason, CancellationToken cancellation);
}

/// <summary>The service did not do what it was asked.</summary>
/// <param name="message">Why, in a sentence.</param>
/// <param name="isRefused">Whether asking again would not help: the version is refused, or it makes no sense as things stand.</param>
public sealed class ModelControlException(string message, bool isRefused, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether asking again would not help.</summary>
    public bool IsRefused => isRefused;
}
