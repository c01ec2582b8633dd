using System.Globalization;

namespace Pantheon.Exposures.Joining;

/// <summary>When an item that was shown is a positive of an objective; every other item that was shown is a negative.</summary>
/// <param name="Objective">The objective, such as <c>lvtr</c>.</param>
/// <param name="Outcome">The outcome that decides, such as <c>play_seconds</c>.</param>
/// <param name="AtLeast">
/// The smallest value that makes a positive, above 0. Null, the default: any above 0, so that a count and a flag need no number.
/// </param>
public sealed record LabelRule(string Objective, string Outcome, double? AtLeast = null)
{
    /// <summary>A rule as people write it: <c>ctr=click</c>, or <c>lvtr=play_seconds>=60</c>.</summary>
    /// <exception cref="ArgumentException">Not of this form.</exception>
    public static LabelRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split('=', 2) is [{ Length: > 0 } objective, { Length: > 0 } outcome])
        {
            var threshold = outcome.Split(">=");
            if (threshold.Length == 1)
            {
                return new LabelRule(objective, outcome);
            }

            if (threshold.Length == 2 && double.TryParse(threshold[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var least))
            {
                return new LabelRule(objective, threshold[0], least);
            }
        }

        throw new ArgumentException($"got '{text}', expected OBJECTIVE=OUTCOME or OBJECTIVE=OUTCOME>=NUMBER");
    }

    /// <summary>Whether this value makes a positive; 0 stands for an outcome that nobody reported.</summary>
    public bool IsPositive(double value) => AtLeast is { } least ? value >= least : value > 0;
}
