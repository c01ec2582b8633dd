namespace Pantheon.Learning.Experiments;

/// <summary>How the paper's comparisons are run.</summary>
public sealed record ExperimentOptions
{
    /// <summary>Trainings, each with a seed of its own from the configuration's on.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Trials of each search of formula weights, as in the paper's practice.</summary>
    public int Trials { get; init; } = 600;

    /// <summary>Fixed fusions drawn for the front, half sums and half products of powers.</summary>
    public int FixedFusions { get; init; } = 2000;
}
