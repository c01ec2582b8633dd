using System.Text.Json;
using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Tests.Optimizers;

/// <summary>Whole trajectories against PyTorch 1.13; python/make_optimizer_goldens.py wrote them.</summary>
public sealed class GoldenTests
{
    private const double Tolerance = 1e-6;

    private static readonly JsonElement s_golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "optimizers.json"))).RootElement;

    public static TheoryData<int> Dense() => [.. Enumerable.Range(0, s_golden.GetProperty("dense").GetArrayLength())];

    public static TheoryData<int> Sparse() => [.. Enumerable.Range(0, s_golden.GetProperty("sparse").GetArrayLength())];

    public static TheoryData<int> Clips() => [.. Enumerable.Range(0, s_golden.GetProperty("clip").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Dense))]
    public void Step_Dense_FollowsPyTorch(int index)
    {
        JsonElement golden = s_golden.GetProperty("dense")[index];
        JsonElement options = golden.GetProperty("options");
        DenseOptimizerOptions settings = golden.GetProperty("name").GetString() switch
        {
            "adam" => options.Deserialize<AdamOptions>()!,
            "sgd" => options.Deserialize<SgdOptions>()!,
            "adagrad" => options.Deserialize<AdagradOptions>()!,
            var name => throw new InvalidOperationException(name),
        };
        float[] parameters = Floats(golden.GetProperty("start"));
        DenseOptimizer optimizer = settings.Create(parameters.Length);

        for (int step = 0; step < golden.GetProperty("rates").GetArrayLength(); step++)
        {
            float[] gradients = Floats(golden.GetProperty("gradients")[step]);
            optimizer.Step(parameters, gradients, golden.GetProperty("rates")[step].GetDouble());
            AssertClose(Floats(golden.GetProperty("expected")[step]), parameters, $"{settings}, step {step}");
        }
    }

    [Theory]
    [MemberData(nameof(Sparse))]
    public void Step_Sparse_FollowsPyTorch(int index)
    {
        JsonElement golden = s_golden.GetProperty("sparse")[index];
        JsonElement options = golden.GetProperty("options");
        SparseOptimizerOptions settings = golden.GetProperty("name").GetString() switch
        {
            "adam" => options.Deserialize<SparseAdamOptions>()!,
            "adagrad" => options.Deserialize<SparseAdagradOptions>()!,
            var name => throw new InvalidOperationException(name),
        };
        (int rows, int width) = (golden.GetProperty("rows").GetInt32(), golden.GetProperty("width").GetInt32());
        float[] table = Floats(golden.GetProperty("start"));
        SparseOptimizer optimizer = settings.Create(rows, width);
        var gradient = new SparseGradient(rows, width);

        for (int step = 0; step < golden.GetProperty("rates").GetArrayLength(); step++)
        {
            JsonElement batch = golden.GetProperty("batches")[step];
            long[] places = batch.GetProperty("rows").Deserialize<long[]>()!;
            float[] gradients = Floats(batch.GetProperty("gradients"));
            int half = places.Length / 2;
            gradient.Clear();
            gradient.Add(places.AsSpan(0, half), gradients.AsSpan(0, half * width));
            gradient.Add(places.AsSpan(half), gradients.AsSpan(half * width));
            optimizer.Step(table, gradient, golden.GetProperty("rates")[step].GetDouble());
            AssertClose(Floats(golden.GetProperty("expected")[step]), table, $"{settings}, step {step}");
        }
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public void ClipScale_DenseAndSparse_IsPyTorchs(int index)
    {
        JsonElement golden = s_golden.GetProperty("clip")[index];
        (float[] first, float[] second) = (Floats(golden.GetProperty("first")), Floats(golden.GetProperty("second")));
        float[] places = Floats(golden.GetProperty("table"));
        long[] rows = golden.GetProperty("rows").Deserialize<long[]>()!;
        float[] clippedTable = Floats(golden.GetProperty("clipped_table"));
        int width = places.Length / rows.Length;
        var table = new SparseGradient(clippedTable.Length / width, width);
        table.Add(rows, places);
        var norm = new GradientNorm();

        norm.Add(first);
        norm.Add(second);
        norm.Add(table);
        float scale = norm.ClipScale(golden.GetProperty("maximum").GetDouble());

        Assert.Equal(golden.GetProperty("norm").GetDouble(), norm.Value, norm.Value * Tolerance);
        AssertClose(Floats(golden.GetProperty("clipped_first")), [.. first.Select(value => value * scale)], "dense");
        float[] scaled = new float[clippedTable.Length];
        for (int slot = 0; slot < table.Count; slot++)
        {
            for (int column = 0; column < width; column++)
            {
                scaled[(table.TouchedRows[slot] * width) + column] = table.Values[(slot * width) + column] * scale;
            }
        }

        AssertClose(clippedTable, scaled, "sparse");
    }

    private static float[] Floats(JsonElement list) => list.Deserialize<float[]>()!;

    /// <summary>Relative to the larger of the value and 0.1: parameters start at about 0.5, and what cancels to nearly 0 keeps their rounding.</summary>
    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int index = 0; index < expected.Length; index++)
        {
            double allowed = Tolerance * Math.Max(0.1, Math.Abs(expected[index]));
            Assert.True(Math.Abs((double)expected[index] - actual[index]) <= allowed, $"{what}, [{index}]: {actual[index]:R}, expected {expected[index]:R}");
        }
    }
}
