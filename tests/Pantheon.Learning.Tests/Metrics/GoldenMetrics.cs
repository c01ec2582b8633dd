using System.Text.Json;

namespace Pantheon.Learning.Tests.Metrics;

/// <summary>What scikit-learn and SciPy say; python/golden_metrics.py makes the file.</summary>
internal sealed record GoldenMetrics(GoldenCase[] Cases, GoldenGroups Grouped)
{
    public static GoldenMetrics Load() =>
        JsonSerializer.Deserialize<GoldenMetrics>(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "golden_metrics.json")), JsonSerializerOptions.Web)!;
}

internal sealed record GoldenCase(
    float[] Scores, int[] Labels, float[] Other, float[] Distinct, double Auc, double LogLoss, double AveragePrecision,
    Dictionary<string, double> Ndcg, double Tau, double TauOfLabels)
{
    public byte[] LabelBytes => [.. Labels.Select(label => (byte)label)];
}

internal sealed record GoldenGroups(int[] Users, float[] Scores, int[][] Labels, GoldenGauc[] Results)
{
    public byte[][] LabelBytes => [.. Labels.Select(column => column.Select(label => (byte)label).ToArray())];
}

internal sealed record GoldenGauc(double Gauc, double PositivesWeighted, double UserCoverage, double RowCoverage);
