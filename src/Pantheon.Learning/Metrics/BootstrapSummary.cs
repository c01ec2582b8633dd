namespace Pantheon.Learning.Metrics;

/// <summary>From replicates to estimates.</summary>
internal static class BootstrapSummary
{
    /// <param name="samples">GAUC of each scoring and objective (scorings outermost) in each replicate, <c>[S * M][replicates]</c>.</param>
    public static BootstrapReport Of(
        ObjectiveLabels labels, (string Name, UserAucs Aucs)[] scorings, double[][] samples, BootstrapOptions options)
    {
        int objectives = labels.Objectives;
        var baseline = scorings[0].Aucs.Table;
        var reports = new ScoringReport[scorings.Length];
        double[] differences = new double[options.Replicates];
        for (int scoring = 0; scoring < scorings.Length; scoring++)
        {
            var table = scorings[scoring].Aucs.Table;
            var gaucs = new Estimate[objectives];
            var gains = new Estimate[objectives];
            double[] mean = new double[options.Replicates];
            double[] meanGain = new double[options.Replicates];
            double[] worst = new double[options.Replicates];
            Array.Fill(worst, double.PositiveInfinity);
            for (int objective = 0; objective < objectives; objective++)
            {
                double[] mine = samples[(scoring * objectives) + objective];
                double[] theirs = samples[objective];
                for (int replicate = 0; replicate < mine.Length; replicate++)
                {
                    double gain = mine[replicate] - theirs[replicate];
                    differences[replicate] = gain;
                    mean[replicate] += mine[replicate] / objectives;
                    meanGain[replicate] += gain / objectives;
                    worst[replicate] = Math.Min(worst[replicate], gain);
                }

                gaucs[objective] = Estimate(table[objective], mine, options);
                gains[objective] = Estimate(table[objective] - baseline[objective], differences, options);
            }

            reports[scoring] = new ScoringReport(
                scorings[scoring].Name, gaucs, Estimate(table.Mean, mean, options), gains,
                Estimate(table.Mean - baseline.Mean, meanGain, options), Estimate(table.WorstGain(baseline), worst, options),
                ShareAboveZero(worst));
        }

        return new BootstrapReport(labels.Names, reports, options);
    }

    private static Estimate Estimate(double value, ReadOnlySpan<double> samples, BootstrapOptions options)
    {
        double sum = 0;
        foreach (double sample in samples)
        {
            sum += sample;
        }

        double mean = sum / samples.Length;
        double squares = 0;
        foreach (double sample in samples)
        {
            squares += (sample - mean) * (sample - mean);
        }

        if (double.IsNaN(mean))
        {
            return new Estimate(value, double.NaN, double.NaN, double.NaN);
        }

        double[] sorted = samples.ToArray();
        Array.Sort(sorted);
        double tail = (1 - options.Confidence) / 2;
        return new Estimate(value, Math.Sqrt(squares / (samples.Length - 1)), Quantile(sorted, tail), Quantile(sorted, 1 - tail));
    }

    /// <summary>Linear between the two nearest, as NumPy's default.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    private static double ShareAboveZero(double[] samples)
    {
        int above = 0;
        foreach (double sample in samples)
        {
            above += sample > 0 ? 1 : 0;
        }

        return (double)above / samples.Length;
    }
}
