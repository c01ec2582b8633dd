using Pantheon.Learning.Data;

namespace Pantheon.Learning.Evaluation;

/// <summary>Where something is tuned after a training, and where it is judged.</summary>
/// <param name="TuneName">What exposures those to tune on are.</param>
/// <param name="JudgeName">What those to judge on are.</param>
public sealed record TuningSplit(RowRange Tune, string TuneName, RowRange Judge, string JudgeName)
{
    /// <summary>
    /// The days to validate on and those to test on; where the log has none to validate on, the first and the second half of those to
    /// test on, as the model was trained on all the others.
    /// </summary>
    /// <exception cref="DataException">Nothing lies behind the days to train on.</exception>
    public static TuningSplit Of(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var (validate, test) = (data.Validate, data.Test);
        if (validate.Count > 0 && test.Count > 0)
        {
            return new TuningSplit(validate, "the days to validate on", test, "the days to test on");
        }

        if (test.Count < 2)
        {
            throw new DataException("the log leaves no exposures after those to train on, expected some to tune on and some to judge on");
        }

        var middle = test.Start + (test.Count / 2);
        return new TuningSplit(
            new RowRange(test.Start, middle), "the first half of the test exposures", new RowRange(middle, test.End), "the second half of the test exposures");
    }
}
