namespace Pantheon.Learning.Search;

/// <summary>How a study proposes trials. The defaults are Optuna's for its TPE sampler.</summary>
public sealed record StudyOptions
{
    /// <summary>Trials drawn at random before the estimators know enough; at least 1.</summary>
    public int StartupTrials { get; init; } = 10;

    /// <summary>Points drawn from the good trials' density, of which the most promising is proposed; at least 1.</summary>
    public int Candidates { get; init; } = 24;

    /// <summary>
    /// Whether parameters are drawn together, so that what goes well together is found together. Off as in Optuna: each for itself.
    /// </summary>
    public bool Multivariate { get; init; }

    /// <summary>Whether more is better.</summary>
    public bool Maximise { get; init; } = true;

    /// <summary>The same seed proposes the same trials for the same scores.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Tried before any other: a known formula's weights, say. They count among the startup trials.</summary>
    public IReadOnlyList<double[]> Initial { get; init; } = [];

    /// <summary>
    /// What trials are scored by, such as a digest of data and metric: a journal of another subject is not gone on with. Null: not said.
    /// </summary>
    public string? Subject { get; init; }

    internal void Check(SearchSpace space)
    {
        if (StartupTrials < 1 || Candidates < 1)
        {
            throw new ArgumentException($"{StartupTrials} startup trials and {Candidates} candidates came; expected at least 1 of each");
        }

        foreach (double[] values in Initial)
        {
            space.Check(values, nameof(Initial));
        }
    }
}
