namespace Pantheon.Bundles;

/// <summary>What moments must obey for a calibrated score to be a number and the order to stay.</summary>
internal static class CalibrationRules
{
    public static void Check(CalibrationSpec calibration)
    {
        Check(calibration.Own, calibration.Baseline, "calibration");
        foreach (var (scenario, moments) in calibration.Scenarios)
        {
            if (scenario.Length == 0)
            {
                throw ManifestRules.Refused("calibration.scenarios", $"an empty name", "the name of a scenario");
            }

            Check(moments.Own, moments.Baseline, $"calibration.scenarios.{scenario}");
        }
    }

    private static void Check(Moments own, Moments baseline, string key)
    {
        Check(own, $"{key}.own");
        Check(baseline, $"{key}.baseline");
        var ratio = baseline.Std / own.Std;
        if (!double.IsFinite(ratio) || ratio <= 0)
        {
            throw ManifestRules.Refused(key, $"baseline.std / own.std = {ratio}", "a finite number above 0");
        }
    }

    private static void Check(Moments moments, string key)
    {
        if (!double.IsFinite(moments.Mean))
        {
            throw ManifestRules.Refused($"{key}.mean", $"{moments.Mean}", "a finite number");
        }

        if (!double.IsFinite(moments.Std) || moments.Std <= 0)
        {
            throw ManifestRules.Refused($"{key}.std", $"{moments.Std}", "a finite number above 0");
        }
    }
}
