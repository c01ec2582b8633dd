namespace Pantheon.Exposures.Rankings;

/// <summary>One item of an answer. Its rank is its index in <see cref="Ranking.Items"/>.</summary>
/// <param name="Position">The item's row among the request's candidates, from 0.</param>
/// <param name="ItemId">The item.</param>
/// <param name="Score">The fused score as the graph gave it.</param>
/// <param name="Propensity">The probability, above 0 and at most 1, that this item was put in this place; 1 where nothing was drawn.</param>
public readonly record struct RankedExposure(int Position, long ItemId, float Score, double Propensity = 1);
