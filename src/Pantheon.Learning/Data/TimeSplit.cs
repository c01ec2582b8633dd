namespace Pantheon.Learning.Data;

/// <summary>
/// Where train, validate and test begin, in milliseconds since 1970 UTC: train is [TrainFromMs, ValidateFromMs), validate
/// [ValidateFromMs, TestFromMs), test [TestFromMs, EndMs). Rows outside belong to none but feed the counters.
/// </summary>
public sealed record TimeSplit(long TrainFromMs, long ValidateFromMs, long TestFromMs, long EndMs)
{
    /// <summary>By days in <see cref="ChinaTime"/>.</summary>
    public static TimeSplit ByDays(DateOnly trainFrom, DateOnly validateFrom, DateOnly testFrom, DateOnly lastInclusive) => new(
        ChinaTime.StartOf(trainFrom),
        ChinaTime.StartOf(validateFrom),
        ChinaTime.StartOf(testFrom),
        ChinaTime.StartOf(lastInclusive.AddDays(1)));

    /// <summary>KuaiRand's month: train 8 April to 1 May 2022, validate 2 to 4 May, test 5 to 8 May.</summary>
    public static TimeSplit KuaiRand { get; } = ByDays(new(2022, 4, 8), new(2022, 5, 2), new(2022, 5, 5), new(2022, 5, 8));

    /// <summary>By shares of the time (not of the rows) from the first to the last exposure.</summary>
    /// <param name="firstMs">The first exposure.</param>
    /// <param name="lastMs">The last exposure, which is in the test part.</param>
    /// <param name="train">Share of train, above 0.</param>
    /// <param name="validate">Share of validate, 0 for none.</param>
    public static TimeSplit ByShare(long firstMs, long lastMs, double train = 0.8, double validate = 0)
    {
        if (!(train > 0 && validate >= 0 && train + validate <= 1))
        {
            throw new DataException(
                $"a split of {train} to train and {validate} to validate came, expected shares that add up to at most 1");
        }

        var end = lastMs + 1;
        return new TimeSplit(
            firstMs, firstMs + (long)(train * (end - firstMs)), firstMs + (long)((train + validate) * (end - firstMs)), end);
    }
}
