using System.Text.Json;

namespace Pantheon.Modeling.Tests;

/// <summary>The recommenders of <see cref="SmallModel"/> in PyTorch 1.13, in double; python/make_recommender.py wrote them.</summary>
/// <param name="Weights">w of the head, by objective.</param>
/// <param name="Rate">Of AdamW, over the dense parameters.</param>
/// <param name="TableRate">Of SparseAdam, over the tables, as a multiple of it.</param>
/// <param name="Decay">Weight decay of the dense parameters.</param>
/// <param name="Clip">Largest norm of each part's gradients.</param>
/// <param name="Batches">One for each step: features and labels by name, row-major.</param>
/// <param name="Variants">By the names of <see cref="SmallModel.All"/>.</param>
internal sealed record RecommenderGolden(
    double[] Weights, double Rate, double TableRate, double Decay, double Clip, Dictionary<string, double[]>[] Batches, Dictionary<string, GoldenVariant> Variants)
{
    public const int Rows = 6;

    public static RecommenderGolden Instance { get; } = JsonSerializer.Deserialize<RecommenderGolden>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "recommender.json")), JsonSerializerOptions.Web)!;
}

/// <summary>One recommender: its start, what the first batch gives, and the losses of each step.</summary>
/// <param name="Losses">Per step: of the ranking model, of the head.</param>
internal sealed record GoldenVariant(Dictionary<string, GoldenParameter> Parameters, string[] Tables, double[] Pxtrs, double[] Scores, double[][] Losses);

/// <param name="Values">At the start.</param>
/// <param name="Gradient">Of both losses' sum at the first batch; 0 if the losses do not depend on it.</param>
internal sealed record GoldenParameter(int[] Shape, float[] Values, double[] Gradient);
