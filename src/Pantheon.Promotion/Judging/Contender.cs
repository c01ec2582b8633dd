using Pantheon.Exposures.Rankings;

namespace Pantheon.Promotion;

/// <summary>A model version that is judged on exposures, whoever made them.</summary>
/// <param name="Name">For journals and reports.</param>
/// <param name="Score">
/// Fused scores of all candidates of a stored request, by position, as this version would have given them; null if it cannot score that
/// request. Called from one thread.
/// </param>
public sealed record Contender(string Name, Func<Ranking, float[]?> Score);
