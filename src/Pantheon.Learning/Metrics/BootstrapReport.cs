namespace Pantheon.Learning.Metrics;

/// <summary>
/// A figure and how far another sample of users might put it. All but the value are NaN if some replicate drew none of an objective's
/// users: they are too few to say.
/// </summary>
/// <param name="Value">On the sample at hand.</param>
/// <param name="StandardError">Standard deviation over the replicates.</param>
/// <param name="Low">Lower limit of the percentile interval.</param>
/// <param name="High">Upper limit.</param>
public readonly record struct Estimate(double Value, double StandardError, double Low, double High);

/// <summary>One scoring's GAUCs and, but for the base itself, its gains over the base.</summary>
/// <param name="Name">The scoring.</param>
/// <param name="Gauc">Of each objective.</param>
/// <param name="Mean">Of the plain mean over the objectives.</param>
/// <param name="Gain">This less the base, of each objective, over the same users.</param>
/// <param name="MeanGain">Of the plain mean.</param>
/// <param name="WorstGain">Of the smallest gain of any objective. Biased low, as the minimum of noisy gains is.</param>
/// <param name="AllImprove">Share of replicates in which every objective is above the base.</param>
public sealed record ScoringReport(
    string Name, IReadOnlyList<Estimate> Gauc, Estimate Mean, IReadOnlyList<Estimate> Gain, Estimate MeanGain, Estimate WorstGain,
    double AllImprove);

/// <summary>Several scorings of the same rows, over the same resampled users.</summary>
/// <param name="Objectives">Names of the objectives.</param>
/// <param name="Scorings">The base first; its gains are 0.</param>
/// <param name="Options">How it was resampled.</param>
public sealed record BootstrapReport(
    IReadOnlyList<string> Objectives, IReadOnlyList<ScoringReport> Scorings, BootstrapOptions Options);
