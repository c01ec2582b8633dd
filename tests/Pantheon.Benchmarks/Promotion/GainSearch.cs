namespace Pantheon.Benchmarks.Promotion;

/// <summary>Makes a reference whose true gain on every objective is what was asked for: the base with some of the truth added.</summary>
internal static class GainSearch
{
    /// <summary>The reference's score without jitter.</summary>
    /// <param name="target">GAUC of each objective above the base's.</param>
    public static float[] Reference(ExposurePool pool, double size, double[] target, IReadOnlyList<WindowSample> drawings)
    {
        var share = new double[ExposurePool.M];
        for (var round = 0; round < 3; round++)
        {
            var gains = Gains(pool, size, Score(pool, share), drawings);
            var slopes = new double[ExposurePool.M, ExposurePool.M];
            for (var column = 0; column < share.Length; column++)
            {
                const double Step = 0.05;
                share[column] += Step;
                var moved = Gains(pool, size, Score(pool, share), drawings);
                share[column] -= Step;
                for (var row = 0; row < share.Length; row++)
                {
                    slopes[row, column] = (moved[row] - gains[row]) / Step;
                }
            }

            var steps = Solve(slopes, [.. target.Zip(gains, (wanted, reached) => wanted - reached)]);
            for (var column = 0; column < share.Length; column++)
            {
                share[column] += steps[column];
            }
        }

        return Score(pool, share);
    }

    /// <summary>True gains over the base, both with jitter of their own.</summary>
    public static double[] Gains(ExposurePool pool, double size, float[] reference, IReadOnlyList<WindowSample> drawings) =>
        Judging.TrueGains(drawings, (sample, drawing) =>
            (Judging.Jittered(pool, pool.Sum, sample, size, 2 * drawing), Judging.Jittered(pool, reference, sample, size, (2 * drawing) + 1)));

    private static float[] Score(ExposurePool pool, double[] share)
    {
        var score = (float[])pool.Sum.Clone();
        for (var objective = 0; objective < share.Length; objective++)
        {
            var (part, logits) = ((float)share[objective], pool.Logits[objective]);
            for (var row = 0; row < score.Length; row++)
            {
                score[row] += part * logits[row];
            }
        }

        return score;
    }

    // Gauss and Jordan with the largest pivot.
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var size = right.Length;
        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(row => Math.Abs(matrix[row, column]));
            for (var place = 0; place < size; place++)
            {
                (matrix[column, place], matrix[pivot, place]) = (matrix[pivot, place], matrix[column, place]);
            }

            (right[column], right[pivot]) = (right[pivot], right[column]);
            for (var row = 0; row < size; row++)
            {
                var factor = row == column ? 0 : matrix[row, column] / matrix[column, column];
                for (var place = column; place < size && factor != 0; place++)
                {
                    matrix[row, place] -= factor * matrix[column, place];
                }

                right[row] -= factor * right[column];
            }
        }

        return [.. right.Select((value, row) => value / matrix[row, row])];
    }
}
