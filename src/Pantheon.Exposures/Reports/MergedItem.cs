namespace Pantheon.Exposures.Reports;

/// <summary>
/// Everything that reports say of one item, merged. Smallest position and largest outcomes are joins of a lattice (commutative,
/// associative, idempotent), so reports may come twice, split or in any order and give the same.
/// </summary>
internal sealed class MergedItem
{
    private readonly SortedDictionary<string, double> _outcomes = new(StringComparer.Ordinal);

    /// <summary>Where it was shown; null if no report says that it was.</summary>
    public int? ShownPosition { get; private set; }

    /// <summary>Outcomes in the order of their names' code units.</summary>
    public IReadOnlyDictionary<string, double> Outcomes => _outcomes;

    public double this[string outcome] => _outcomes.GetValueOrDefault(outcome);

    public void Merge(ItemFeedback item)
    {
        ShownPosition = (ShownPosition, item.ShownPosition) is ({ } known, { } told) ? Math.Min(known, told) : ShownPosition ?? item.ShownPosition;
        foreach (var (name, value) in item.Outcomes)
        {
            // Adding 0 makes one zero of the two that there are.
            _outcomes[name] = Math.Max(_outcomes.GetValueOrDefault(name), value + 0.0);
        }
    }

    /// <summary>Merges items by rank; what comes out is in the order of ranks.</summary>
    public static SortedDictionary<int, MergedItem> ByRank(IEnumerable<ItemFeedback> items)
    {
        var merged = new SortedDictionary<int, MergedItem>();
        foreach (var item in items)
        {
            if (!merged.TryGetValue(item.Rank, out var known))
            {
                merged.Add(item.Rank, known = new MergedItem());
            }

            known.Merge(item);
        }

        return merged;
    }
}
