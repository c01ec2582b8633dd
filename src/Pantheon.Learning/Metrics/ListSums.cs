namespace Pantheon.Learning.Metrics;

/// <summary>The running sums of list metrics: one list at a time, from its highest score down, a run of tied rows at a time.</summary>
internal sealed class ListSums
{
    private readonly int[] _cutoffs;
    private readonly bool _weighted;

    // Sum of 1 / log2(rank + 1) over the first r ranks, at [r].
    private readonly double[] _discounts;
    private readonly double[] _hits;
    private readonly double[] _weightedHits;
    private readonly double[] _gains;
    private readonly double[] _gain;
    private long _clicks;
    private int _lists;
    private double _precisions;
    private double _weightedPrecisions;

    // Of the list at hand.
    private int _clicked;
    private double _precision;
    private double _weightedPrecision;

    public ListSums(ReadOnlySpan<int> cutoffs, int longest, bool weighted)
    {
        _cutoffs = cutoffs.ToArray();
        _weighted = weighted;
        _hits = new double[cutoffs.Length];
        _weightedHits = new double[cutoffs.Length];
        _gains = new double[cutoffs.Length];
        _gain = new double[cutoffs.Length];
        _discounts = new double[longest + 1];
        for (int rank = 1; rank <= longest; rank++)
        {
            _discounts[rank] = _discounts[rank - 1] + (1 / Math.Log2(rank + 1));
        }
    }

    public void Begin()
    {
        _clicked = 0;
        _precision = 0;
        _weightedPrecision = 0;
        Array.Clear(_gain);
    }

    /// <summary>Adds rows of one score.</summary>
    /// <param name="first">Rows before them.</param>
    /// <param name="end">Rows before and of them.</param>
    /// <param name="clicked">Clicks among them.</param>
    /// <param name="weight">Sum of those clicks' dwell.</param>
    public void AddTied(int first, int end, int clicked, double weight)
    {
        if (clicked == 0)
        {
            return;
        }

        int rows = end - first;
        for (int k = 0; k < _cutoffs.Length; k++)
        {
            int within = Math.Min(_cutoffs[k], end) - first;
            if (within > 0)
            {
                double share = (double)within / rows;
                _hits[k] += share * clicked;
                _weightedHits[k] += share * weight;
                _gain[k] += clicked * (_discounts[first + within] - _discounts[first]) / rows;
            }
        }

        // A click is at each of the places equally often; of the places before it in the run, each then holds one of the other clicks
        // with the same probability.
        double others = rows > 1 ? (clicked - 1) / (double)(rows - 1) : 0;
        double precision = 0;
        for (int place = 0; place < rows; place++)
        {
            precision += (_clicked + 1 + (place * others)) / (first + place + 1);
        }

        precision /= rows;
        _precision += precision * clicked;
        _weightedPrecision += precision * weight;
        _clicked += clicked;
    }

    public void End()
    {
        if (_clicked == 0)
        {
            return;
        }

        _lists++;
        _clicks += _clicked;
        _precisions += _precision / _clicked;
        _weightedPrecisions += _weightedPrecision / _clicked;
        for (int k = 0; k < _cutoffs.Length; k++)
        {
            _gains[k] += _gain[k] / _discounts[Math.Min(_cutoffs[k], _clicked)];
        }
    }

    public ListReport Report(int lists) => new(
        _cutoffs, Means(_hits, _clicks), _precisions / _lists,
        Means(_weightedHits, _weighted ? _clicks : double.NaN), _weighted ? _weightedPrecisions / _lists : double.NaN,
        Means(_gains, _lists), _lists, (double)_lists / lists);

    private static double[] Means(double[] sums, double count)
    {
        double[] means = new double[sums.Length];
        for (int k = 0; k < means.Length; k++)
        {
            means[k] = sums[k] / count;
        }

        return means;
    }
}
