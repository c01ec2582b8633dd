namespace Pantheon.Scoring.Calibration;

/// <summary>Moments of raw scores, and of how many requests they are. Both are weights: old ones count for less.</summary>
/// <param name="Scores">Of all scores.</param>
/// <param name="Requests">What the requests weigh.</param>
public readonly record struct StreamedMoments(ScoreMoments Scores, double Requests)
{
    /// <summary>Both taken together.</summary>
    public static StreamedMoments operator +(StreamedMoments left, StreamedMoments right) => Add(left, right);

    /// <summary>Both taken together.</summary>
    public static StreamedMoments Add(StreamedMoments left, StreamedMoments right) => new(left.Scores + right.Scores, left.Requests + right.Requests);

    /// <summary>The same, aged.</summary>
    /// <param name="seconds">By how much, at least 0.</param>
    /// <param name="halfLife">Seconds after which weights are half of what they were.</param>
    public StreamedMoments Aged(double seconds, double halfLife)
    {
        var factor = Math.Pow(0.5, seconds / halfLife);
        return new(Scores.Decayed(factor), Requests * factor);
    }
}
