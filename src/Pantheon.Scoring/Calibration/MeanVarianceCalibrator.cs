using Pantheon.Bundles;

namespace Pantheon.Scoring.Calibration;

/// <summary>
/// Mean-variance calibration (Pantheon, section 4): s' = mu_b + (sigma_b / sigma_m)(s - mu_m) moves a model's scores
/// onto the baseline's distribution, so that they compete fairly with scores of other sources. It is linear with a
/// positive slope, hence never changes an order, and it is a position on the baseline's scale, not a probability: it
/// may leave (0, 1).
/// </summary>
/// <param name="own">Moments of the model's own scores.</param>
/// <param name="baseline">Moments of the distribution to move to.</param>
public sealed class MeanVarianceCalibrator(Moments own, Moments baseline)
{
    private readonly double _slope = baseline.Std / own.Std;
    private readonly double _ownMean = own.Mean;
    private readonly double _baselineMean = baseline.Mean;

    /// <summary>s' = <see cref="Shift"/> + Slope * s; above 0.</summary>
    public double Slope => _slope;

    /// <summary>s' = Shift + <see cref="Slope"/> * s.</summary>
    public double Shift => _baselineMean - (_slope * _ownMean);

    /// <summary>The moments of these scores once calibrated.</summary>
    public ScoreMoments Apply(ScoreMoments scores) => scores.Moved(_slope, Shift);

    /// <summary>The calibrated score, computed in double precision.</summary>
    // Not folded into shift + slope x score, which cancels where a model's scores lie close together.
    public float Apply(float score) => (float)(_baselineMean + (_slope * (score - _ownMean)));
}
