using System.Numerics.Tensors;
using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Search;

/// <summary>
/// A density of tried values as Optuna's TPE estimates it: a mixture of normal kernels truncated to the range, one at each observation
/// and a wide one, the prior, in the middle. All in the parameters' inner space (logarithms where they are searched).
/// </summary>
internal sealed class ParzenEstimator
{
    // Observations that keep their full weight; older ones fade.
    private const int Recent = 25;
    private const double MultivariateWidth = 0.2;
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private readonly double[] _low;
    private readonly double[] _high;
    private readonly double[] _logScale;
    private readonly double[] _terms;

    /// <param name="observations">For each dimension what was observed, oldest first: <c>[D][n]</c>.</param>
    /// <param name="low">Of each dimension.</param>
    /// <param name="high">Of each dimension.</param>
    /// <param name="multivariate">
    /// Whether kernels have the width of a joint estimate, <c>0.2 n^(-1/(D+4))</c> of the range, instead of the distance to their
    /// neighbours.
    /// </param>
    public ParzenEstimator(double[][] observations, double[] low, double[] high, bool multivariate)
    {
        _low = low;
        _high = high;
        int dimensions = observations.Length;
        int count = observations[0].Length;
        Weights = WeightsOf(count);
        Centres = new double[dimensions][];
        Widths = new double[dimensions][];
        _logScale = new double[count + 1];
        _terms = new double[count + 1];
        for (int kernel = 0; kernel <= count; kernel++)
        {
            _logScale[kernel] = Math.Log(Weights[kernel]);
        }

        for (int dimension = 0; dimension < dimensions; dimension++)
        {
            double range = high[dimension] - low[dimension];
            double[] centres = [.. observations[dimension], low[dimension] + (range / 2)];
            double[] widths = multivariate
                ? Together(count, dimensions, range)
                : ToNeighbours(centres);
            double narrowest = range / Math.Min(100, 2 + count);
            for (int kernel = 0; kernel <= count; kernel++)
            {
                double width = kernel == count ? range : Math.Clamp(widths[kernel], narrowest, range);
                widths[kernel] = width;
                double inside = NormalMass.Below((high[dimension] - centres[kernel]) / width) -
                    NormalMass.Below((low[dimension] - centres[kernel]) / width);
                _logScale[kernel] -= LogRootTwoPi + Math.Log(width * inside);
            }

            Centres[dimension] = centres;
            Widths[dimension] = widths;
        }
    }

    /// <summary>Share of each kernel, the prior's last: <c>[n + 1]</c>.</summary>
    public double[] Weights { get; }

    /// <summary>Means, the prior's last: <c>[D][n + 1]</c>.</summary>
    public double[][] Centres { get; }

    /// <summary>Standard deviations before truncation, the prior's last: <c>[D][n + 1]</c>.</summary>
    public double[][] Widths { get; }

    /// <summary>Draws a point <c>[D]</c>: a kernel by weight, then each dimension from it.</summary>
    public void Draw(ref SplitMix random, Span<double> point)
    {
        double share = random.NextDouble();
        int kernel = 0;
        while (kernel < Weights.Length - 1 && share >= Weights[kernel])
        {
            share -= Weights[kernel++];
        }

        for (int dimension = 0; dimension < point.Length; dimension++)
        {
            // A kernel's centre is in the range and its width at most the range, so a third of the draws at least fall inside.
            double value;
            do
            {
                value = Centres[dimension][kernel] + (Widths[dimension][kernel] * random.NextNormal());
            }
            while (!(value >= _low[dimension] && value <= _high[dimension]));

            point[dimension] = value;
        }
    }

    /// <summary>Logarithm of the density at a point <c>[D]</c> in the range.</summary>
    public double LogDensity(ReadOnlySpan<double> point)
    {
        for (int kernel = 0; kernel < _terms.Length; kernel++)
        {
            double squares = 0;
            for (int dimension = 0; dimension < point.Length; dimension++)
            {
                double distance = (point[dimension] - Centres[dimension][kernel]) / Widths[dimension][kernel];
                squares += distance * distance;
            }

            _terms[kernel] = _logScale[kernel] - (0.5 * squares);
        }

        double highest = TensorPrimitives.Max<double>(_terms);
        TensorPrimitives.Subtract(_terms, highest, _terms);
        TensorPrimitives.Exp<double>(_terms, _terms);
        return highest + Math.Log(TensorPrimitives.Sum<double>(_terms));
    }

    private static double[] WeightsOf(int count)
    {
        double[] weights = new double[count + 1];
        Array.Fill(weights, 1);
        int older = count - Recent;
        for (int observation = 0; observation < older; observation++)
        {
            double ramp = older == 1 ? 0 : observation / (older - 1.0);
            weights[observation] = (1.0 / count) + (ramp * (1 - (1.0 / count)));
        }

        TensorPrimitives.Divide(weights, TensorPrimitives.Sum<double>(weights), weights);
        return weights;
    }

    private static double[] Together(int count, int dimensions, double range)
    {
        double[] widths = new double[count + 1];
        Array.Fill(widths, MultivariateWidth * Math.Pow(Math.Max(count, 1), -1.0 / (dimensions + 4)) * range);
        return widths;
    }

    /// <summary>The larger distance to a neighbour, the prior among them; the ends of the range are none.</summary>
    private static double[] ToNeighbours(double[] centres)
    {
        double[] sorted = [.. centres];
        int[] kernels = new int[centres.Length];
        for (int kernel = 0; kernel < kernels.Length; kernel++)
        {
            kernels[kernel] = kernel;
        }

        Array.Sort(sorted, kernels);
        double[] widths = new double[centres.Length];
        for (int place = 0; place < sorted.Length; place++)
        {
            double left = place > 0 ? sorted[place] - sorted[place - 1] : 0;
            double right = place < sorted.Length - 1 ? sorted[place + 1] - sorted[place] : 0;
            widths[kernels[place]] = Math.Max(left, right);
        }

        return widths;
    }
}
