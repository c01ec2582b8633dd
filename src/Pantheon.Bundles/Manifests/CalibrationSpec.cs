namespace Pantheon.Bundles;

/// <summary>
/// Moments for the mean-variance calibration of Pantheon section 4: s' = mean_b + (std_b / std_o)(s - mean_o), with o the model's
/// own scores and b the baseline's. Order never changes, as every standard deviation is above zero.
/// </summary>
public sealed record CalibrationSpec
{
    /// <summary>Of this model's raw scores, over all traffic.</summary>
    public required Moments Own { get; init; }

    /// <summary>Of the scores that consumers downstream are used to.</summary>
    public required Moments Baseline { get; init; }

    /// <summary>Moments of single scenarios; any other scenario takes <see cref="Own"/> and <see cref="Baseline"/>.</summary>
    public IReadOnlyDictionary<string, ScenarioCalibration> Scenarios
    {
        get => field ?? NoScenarios;
        init;
    }

    private static readonly IReadOnlyDictionary<string, ScenarioCalibration> NoScenarios = new Dictionary<string, ScenarioCalibration>();
}

/// <summary>The moments of one scenario.</summary>
public sealed record ScenarioCalibration(Moments Own, Moments Baseline);

/// <summary>A finite mean and a finite standard deviation above zero, in units of the score.</summary>
public sealed record Moments(double Mean, double Std);
