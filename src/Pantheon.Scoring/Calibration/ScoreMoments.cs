namespace Pantheon.Scoring.Calibration;

/// <summary>
/// Count, mean and sum of squared deviations of scores, in double precision. Merging is that of Chan, Golub and LeVeque (1983): stable
/// where a sum of squares would cancel, and the same, to rounding, in whatever order parts are merged. The count is a weight, so that
/// old scores can count for less.
/// </summary>
/// <param name="Count">Of scores, or what they weigh.</param>
/// <param name="Mean">Their mean; 0 without any.</param>
/// <param name="Squares">Sum of squared deviations from the mean.</param>
public readonly record struct ScoreMoments(double Count, double Mean, double Squares)
{
    /// <summary>Standard deviation, of the scores as a population; 0 without any.</summary>
    public double Std => Count > 0 ? Math.Sqrt(Squares / Count) : 0;

    /// <summary>Both taken together.</summary>
    public static ScoreMoments operator +(ScoreMoments left, ScoreMoments right) => Add(left, right);

    /// <summary>Both taken together.</summary>
    public static ScoreMoments Add(ScoreMoments left, ScoreMoments right)
    {
        var count = left.Count + right.Count;
        if (count == 0)
        {
            return default;
        }

        var apart = right.Mean - left.Mean;
        var share = right.Count / count;
        return new ScoreMoments(count, left.Mean + (apart * share), left.Squares + right.Squares + (apart * apart * left.Count * share));
    }

    /// <summary>Of scores; those that are not finite are left out.</summary>
    public static ScoreMoments Of(ReadOnlySpan<float> scores)
    {
        var (count, sum) = (0L, 0.0);
        foreach (var score in scores)
        {
            if (float.IsFinite(score))
            {
                (count, sum) = (count + 1, sum + score);
            }
        }

        var (mean, squares) = (count == 0 ? 0 : sum / count, 0.0);
        foreach (var score in scores)
        {
            if (float.IsFinite(score))
            {
                squares += (score - mean) * (score - mean);
            }
        }

        return new ScoreMoments(count, mean, squares);
    }

    /// <summary>The same distribution counting for less: weights times <paramref name="factor"/>, 0 to 1.</summary>
    public ScoreMoments Decayed(double factor) => this with { Count = Count * factor, Squares = Squares * factor };

    /// <summary>What becomes of them when every score s becomes shift + slope * s.</summary>
    public ScoreMoments Moved(double slope, double shift) => new(Count, Count == 0 ? 0 : shift + (slope * Mean), slope * slope * Squares);
}
