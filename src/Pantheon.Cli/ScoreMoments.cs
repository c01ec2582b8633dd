using Pantheon.Bundles;
using Pantheon.Learning.Evaluation;

namespace Pantheon.Cli;

/// <summary>What calibration needs to know of scores.</summary>
internal static class ScoreMoments
{
    /// <summary>Their mean and standard deviation.</summary>
    /// <exception cref="CommandFailure">They are all the same, or not finite.</exception>
    public static Moments Of(ReadOnlySpan<float> scores)
    {
        var (mean, std) = BundleTables.Moments(scores);
        return double.IsFinite(mean) && std > 0 && double.IsFinite(std) ? new Moments(mean, std) : throw new CommandFailure(
            $"scores of mean {mean} and standard deviation {std} came, expected finite ones that differ: there is nothing to calibrate by");
    }
}
