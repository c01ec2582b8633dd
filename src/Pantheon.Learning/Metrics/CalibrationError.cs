namespace Pantheon.Learning.Metrics;

/// <summary>How far predicted probabilities are from what happened.</summary>
public static class CalibrationError
{
    /// <summary>
    /// Expected calibration error over bins of equally many rows: <c>sum_b n_b/n |mean predicted - mean label|</c>. Rows of one
    /// probability share their mean label, so that a bin's edge through them gives neither side the positives.
    /// </summary>
    /// <param name="probabilities">0 to 1, <c>[n]</c>.</param>
    /// <param name="labels">0 and 1, <c>[n]</c>.</param>
    /// <param name="bins">At least 1; 10 and 20 are usual. Fewer are used if there are fewer rows.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a value is out of its range.</exception>
    public static CalibrationReport Compute(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        Probability.Check(probabilities, labels);
        int rows = probabilities.Length;
        bins = Math.Min(bins, rows);
        ulong[] keys = new ulong[rows];
        for (int row = 0; row < rows; row++)
        {
            keys[row] = RankSums.Key(probabilities[row], labels[row]);
        }

        KeySort.Sort(keys, rows < KeySort.RadixFrom ? [] : new ulong[rows], fromByte: 4);
        double[] predicted = new double[bins];
        double[] actual = new double[bins];
        int bin = 0;
        for (int first = 0; first < rows;)
        {
            int end = first;
            int positives = 0;
            while (end < rows && keys[end] >> 32 == keys[first] >> 32)
            {
                positives += (int)(uint)keys[end++];
            }

            double probability = SortableScore.ToFloat((uint)(keys[first] >> 32));
            double rate = (double)positives / (end - first);
            while (first < end)
            {
                int binEnd = End(bin, bins, rows);
                int taken = Math.Min(end, binEnd) - first;
                predicted[bin] += taken * probability;
                actual[bin] += taken * rate;
                first += taken;
                bin += first == binEnd ? 1 : 0;
            }
        }

        return Report(predicted, actual, rows);
    }

    private static int End(int bin, int bins, int rows) => (int)((long)rows * (bin + 1) / bins);

    private static CalibrationReport Report(double[] predicted, double[] actual, int rows)
    {
        var bins = new CalibrationBin[predicted.Length];
        double error = 0;
        double allPredicted = 0;
        double allActual = 0;
        for (int bin = 0; bin < bins.Length; bin++)
        {
            int count = End(bin, bins.Length, rows) - End(bin - 1, bins.Length, rows);
            bins[bin] = new CalibrationBin(count, predicted[bin] / count, actual[bin] / count);
            error += Math.Abs(predicted[bin] - actual[bin]);
            allPredicted += predicted[bin];
            allActual += actual[bin];
        }

        return new CalibrationReport(error / rows, allPredicted / allActual, bins);
    }
}

/// <summary>Predicted against actual rates.</summary>
/// <param name="Error">Expected calibration error, 0 to 1; NaN if there is no row.</param>
/// <param name="Ratio">Sum of predictions over number of positives: 1 is right, 2 predicts twice as many as came.</param>
/// <param name="Bins">From the lowest predictions to the highest.</param>
public sealed record CalibrationReport(double Error, double Ratio, IReadOnlyList<CalibrationBin> Bins);

/// <summary>Rows of similar predictions.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Predicted">Their mean prediction.</param>
/// <param name="Actual">Their share of positives.</param>
public readonly record struct CalibrationBin(int Rows, double Predicted, double Actual);
