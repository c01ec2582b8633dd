namespace Pantheon.Learning.Optimizers;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum LearningRateDecay
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Along a straight line.</summary>
    Linear,

    /// <summary>Along half a cosine wave (Loshchilov and Hutter 2017, equation 5, without restarts).</summary>
    Cosine,
}

/// <summary>A learning rate for each step: a linear warm-up to the peak, then a fall to a floor at the last step.</summary>
/// <param name="Peak">The highest rate, above 0.</param>
public sealed record LearningRateSchedule(double Peak)
{
    /// <summary>Steps of the warm-up, at least 0: the step k, from 0, has (k + 1) / WarmupSteps of the peak. Default 0.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>How the rate falls after the warm-up. Default not at all.</summary>
    public LearningRateDecay Decay { get; init; }

    /// <summary>The rate at the last step as a share of the peak, in [0, 1]. Default 0. Without a decay it means nothing.</summary>
    public double Floor { get; init; }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">The step, from 0. From the last one on it is the floor.</param>
    /// <param name="totalSteps">Steps of the whole training; without a decay it means nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting or the step is out of its range.</exception>
    public double At(long step, long totalSteps)
    {
        Setting.Require(double.IsFinite(Peak) && Peak > 0, Peak, "finite and above 0", nameof(Peak));
        Setting.Require(Floor is >= 0 and <= 1, Floor, "in [0, 1]", nameof(Floor));
        ArgumentOutOfRangeException.ThrowIfNegative(WarmupSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / WarmupSteps;
        }

        // The last step of the warm-up is the first of the fall: both are at the peak.
        long start = Math.Max(0, WarmupSteps - 1);
        long length = totalSteps - 1 - start;
        double progress = length <= 0 ? (step > start ? 1 : 0) : Math.Min(1, (double)(step - start) / length);
        double share = Decay switch
        {
            LearningRateDecay.None => 1,
            LearningRateDecay.Linear => 1 - progress,
            LearningRateDecay.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => throw new InvalidOperationException($"{Decay} is not a decay"),
        };
        return Peak * (Floor + ((1 - Floor) * share));
    }
}
