namespace Pantheon.Learning.Search;

/// <summary>Values to try.</summary>
/// <param name="Number">From 0, in the order of asking.</param>
/// <param name="Values">One for each parameter, in the space's order.</param>
public sealed record Trial(int Number, IReadOnlyList<double> Values);

/// <summary>Values that were tried.</summary>
/// <param name="Number">From 0, in the order of asking.</param>
/// <param name="Values">One for each parameter, in the space's order.</param>
/// <param name="Score">What came of them; NaN if the trial failed.</param>
public sealed record CompletedTrial(int Number, IReadOnlyList<double> Values, double Score)
{
    /// <summary>Whether nothing can be learnt from it but that it was tried.</summary>
    public bool Failed => double.IsNaN(Score);
}
