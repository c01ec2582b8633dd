namespace Pantheon.Scoring.Calibration;

/// <summary>How versions measure their own scores, and when they are calibrated by what they measured.</summary>
public sealed record CalibrationOptions
{
    /// <summary>
    /// Whether a version that is trusted to know its own moments is calibrated by them, where the model has a frozen baseline. Default
    /// true: freezing one is the decision, and what it was measured on is what these moments are measured on. Without a frozen baseline
    /// nothing changes by itself.
    /// </summary>
    public bool Streaming { get; init; } = true;

    /// <summary>
    /// Seconds after which a score weighs half, 1 to 31,536,000. Default 86,400, a day: an audience's rise and fall over a day moves the
    /// mean by a ninth of what it moves the scores, so calibration does not take it out of them.
    /// </summary>
    public double HalfLifeSeconds { get; init; } = 86_400;

    /// <summary>
    /// What a version's scores must weigh before their moments are trusted, at least 2. Default 10,000: the standard deviation is then
    /// known to 1.4 % where tails are heavy (kurtosis 9).
    /// </summary>
    public double MinScores { get; init; } = 10_000;

    /// <summary>
    /// And what their requests must weigh, at least 1. Default 1,000. Scores of one request share a user, so in the worst case a request says no more
    /// than one score: a mean over 1,000 is known to 0.032 standard deviations.
    /// </summary>
    public double MinRequests { get; init; } = 1000;

    /// <summary>
    /// Seconds between two updates, 0.05 to 3,600: the frozen baseline is read again, moments are exchanged through the store, and what
    /// calibrates is replaced. Default 5: moments of a day do not move in less.
    /// </summary>
    public double UpdateSeconds { get; init; } = 5;
}
