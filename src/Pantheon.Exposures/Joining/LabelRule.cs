namespace Pantheon.Exposures.Joining;

/// <summary>When an item that was shown is a positive of an objective; every other item that was shown is a negative.</summary>
/// <param name="Objective">The objective, such as <c>lvtr</c>.</param>
/// <param name="Outcome">The outcome that decides, such as <c>play_seconds</c>.</param>
/// <param name="AtLeast">
/// The smallest value that makes a positive, above 0. Null, the default: any above 0, so that a count and a flag need no number.
/// </param>
public sealed record LabelRule(string Objective, string Outcome, double? AtLeast = null)
{
    /// <summary>Whether this value makes a positive; 0 stands for an outcome that nobody reported.</summary>
    public bool IsPositive(double value) => AtLeast is { } least ? value >= least : value > 0;
}
