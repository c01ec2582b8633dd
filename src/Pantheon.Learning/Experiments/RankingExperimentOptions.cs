namespace Pantheon.Learning.Experiments;

/// <summary>How the ranking model is held against baselines.</summary>
public sealed record RankingExperimentOptions
{
    /// <summary>Trainings of each learned model, each with a seed of its own from the configuration's on.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Of these, how many the learning curve is over: each costs nearly two more trainings.</summary>
    public int CurveSeeds { get; init; } = 1;

    /// <summary>
    /// Factors that the factorisation machine has of each objective. 8: with seven objectives 63 numbers an id, where the ranking model
    /// has 16 for all of them.
    /// </summary>
    public int Factors { get; init; } = 8;
}
