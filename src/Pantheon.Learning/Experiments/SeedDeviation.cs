namespace Pantheon.Learning.Experiments;

/// <summary>How far a figure lies apart over trainings that differ in nothing but their seed.</summary>
internal static class SeedDeviation
{
    /// <summary>The standard deviation; NaN of a single value.</summary>
    public static double Of(IReadOnlyCollection<double> values)
    {
        if (values.Count < 2)
        {
            return double.NaN;
        }

        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
