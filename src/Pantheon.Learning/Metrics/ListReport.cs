namespace Pantheon.Learning.Metrics;

/// <summary>Metrics of ranked lists, over the lists that have a click.</summary>
/// <param name="Cutoffs">The K of each entry of the lists below.</param>
/// <param name="Hit">HIT@K: share of all clicks that stand among their list's first K.</param>
/// <param name="Map">Mean over lists of the average precision at their clicks.</param>
/// <param name="WeightedHit">WHIT@K, PAPERec Eq. 20: as HIT@K, each click counting its truncated dwell; NaN without dwell times.</param>
/// <param name="WeightedMap">WMAP, PAPERec Eq. 21: as MAP, each click counting its truncated dwell; NaN without dwell times.</param>
/// <param name="Ndcg">nDCG@K: mean over lists, gain 1 for a click, discount log2(rank + 1).</param>
/// <param name="Lists">Lists with a click.</param>
/// <param name="Coverage">Their share of all lists, 0 to 1.</param>
public sealed record ListReport(
    IReadOnlyList<int> Cutoffs, IReadOnlyList<double> Hit, double Map, IReadOnlyList<double> WeightedHit, double WeightedMap,
    IReadOnlyList<double> Ndcg, int Lists, double Coverage);
