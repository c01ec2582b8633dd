using Pantheon.Learning.Data;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Policies;

/// <summary>What serves before IPPO, and so is its first base: a formula, or a bundle.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Score">
/// Scores of some exposures, in their order; given too is what the ranking model that is being trained says of them, before it has seen
/// them.
/// </param>
public sealed record Incumbent(string Name, Func<RowRange, Predictions, float[]> Score);
