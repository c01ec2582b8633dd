using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Tests.Optimizers;

/// <summary>What PyTorch's trajectories do not show.</summary>
public sealed class StepTests
{
    public static TheoryData<DenseOptimizerOptions> Dense() =>
    [
        new AdamOptions(), new AdamOptions { WeightDecay = 0.1 }, new SgdOptions(), new SgdOptions { Momentum = 0.9, WeightDecay = 0.1 },
        new SgdOptions { Momentum = 0.9, Nesterov = true }, new AdagradOptions { WeightDecay = 0.1 },
    ];

    public static TheoryData<SparseOptimizerOptions> Sparse() =>
        [new SparseAdamOptions(), new SparseAdagradOptions(), new RowwiseAdagradOptions()];

    [Theory]
    [MemberData(nameof(Dense))]
    public void Step_OfAnyLength_GivesEachParameterTheSameBits(DenseOptimizerOptions options)
    {
        // A parameter must not notice whether it stands in the vectors or in the tail.
        for (int length = 1; length < 40; length++)
        {
            float[] together = Values(length, 1);
            float[] alone = Values(length, 1);
            DenseOptimizer whole = options.Create(length);
            DenseOptimizer[] single = [.. Enumerable.Range(0, length).Select(_ => options.Create(1))];
            for (int step = 0; step < 3; step++)
            {
                float[] gradients = Values(length, 2 + step);
                whole.Step(together, gradients, 0.01, 0.7f);
                for (int index = 0; index < length; index++)
                {
                    single[index].Step(alone.AsSpan(index, 1), gradients.AsSpan(index, 1), 0.01, 0.7f);
                }
            }

            Assert.Equal(alone, together);
        }
    }

    [Theory]
    [MemberData(nameof(Dense))]
    public void Step_WithAScale_EqualsScaledGradients(DenseOptimizerOptions options)
    {
        float[] scaledHere = Values(33, 1), scaledThere = Values(33, 1), gradients = Values(33, 2);
        options.Create(33).Step(scaledHere, [.. gradients.Select(value => value * 0.3f)], 0.01);
        options.Create(33).Step(scaledThere, gradients, 0.01, 0.3f);

        Assert.Equal(scaledHere, scaledThere);
    }

    [Theory]
    [MemberData(nameof(Sparse))]
    public void Step_RowsWithoutGradient_KeepTheirBits(SparseOptimizerOptions options)
    {
        float[] before = Values(10 * 9, 1);
        float[] table = [.. before];
        SparseOptimizer optimizer = options.Create(10, 9);
        var gradient = new SparseGradient(10, 9, frozenRow: 0);
        gradient.Add([0, 4, 4, 7], Values(4 * 9, 2));

        optimizer.Step(table, gradient, 0.1);
        optimizer.Step(table, gradient, 0.1);

        for (int row = 0; row < 10; row++)
        {
            Assert.Equal(row is not (4 or 7), before.AsSpan(row * 9, 9).SequenceEqual(table.AsSpan(row * 9, 9)));
        }
    }

    [Fact]
    public void Step_RowwiseAdagrad_EqualsTheFormulaInDouble()
    {
        const int Rows = 6, Width = 11;
        const double Rate = 0.05, Epsilon = 1e-4;
        float[] table = Values(Rows * Width, 1);
        double[] exact = [.. table.Select(value => (double)value)];
        double[] sums = new double[Rows];
        Array.Fill(sums, 0.01);
        SparseOptimizer optimizer = new RowwiseAdagradOptions { Epsilon = Epsilon, InitialAccumulator = 0.01 }.Create(Rows, Width);
        var gradient = new SparseGradient(Rows, Width);
        for (int step = 0; step < 20; step++)
        {
            long[] rows = [step % Rows, 3, step * 7 % Rows];
            float[] values = Values(rows.Length * Width, 100 + step);
            gradient.Clear();
            gradient.Add(rows, values);
            optimizer.Step(table, gradient, Rate, 0.5f);

            foreach (IGrouping<long, int> places in Enumerable.Range(0, rows.Length).GroupBy(place => rows[place]))
            {
                double[] sum = [.. Enumerable.Range(0, Width).Select(column => places.Sum(place => 0.5 * values[(place * Width) + column]))];
                sums[places.Key] += sum.Sum(value => value * value) / Width;
                for (int column = 0; column < Width; column++)
                {
                    exact[(places.Key * Width) + column] -= Rate * sum[column] / (Math.Sqrt(sums[places.Key]) + Epsilon);
                }
            }
        }

        for (int index = 0; index < exact.Length; index++)
        {
            Assert.Equal(exact[index], table[index], 1e-6 * Math.Max(0.1, Math.Abs(exact[index])));
        }
    }

    [Theory]
    [MemberData(nameof(Dense))]
    public void Step_Dense_AllocatesNothing(DenseOptimizerOptions options)
    {
        float[] parameters = Values(1000, 1), gradients = Values(1000, 2);
        DenseOptimizer optimizer = options.Create(1000);
        var norm = new GradientNorm();
        var schedule = new LearningRateSchedule(0.01) { Decay = LearningRateDecay.Cosine };
        Step(0);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 1; step < 100; step++)
        {
            Step(step);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step(int step)
        {
            norm.Clear();
            norm.Add(gradients);
            optimizer.Step(parameters, gradients, schedule.At(step, 100), norm.ClipScale(1));
        }
    }

    [Theory]
    [MemberData(nameof(Sparse))]
    public void Step_Sparse_AllocatesNothing(SparseOptimizerOptions options)
    {
        float[] table = Values(500 * 16, 1), gradients = Values(200 * 16, 2);
        long[] rows = [.. Enumerable.Range(0, 200).Select(place => place * 37L % 500)];
        SparseOptimizer optimizer = options.Create(500, 16);
        var gradient = new SparseGradient(500, 16, frozenRow: 0);
        var norm = new GradientNorm();
        Step(200);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 1; step < 100; step++)
        {
            Step(100 + step);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step(int places)
        {
            gradient.Clear();
            gradient.Add(rows.AsSpan(0, places), gradients.AsSpan(0, places * 16));
            norm.Clear();
            norm.Add(gradient);
            optimizer.Step(table, gradient, 0.01, norm.ClipScale(1));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void Step_GradientThatStaysZero_MomentsEndAtZero(double momentum)
    {
        // A subnormal moment never decays to 0 by itself, and makes every later step many times slower.
        DenseOptimizerOptions options = momentum > 0 ? new SgdOptions { Momentum = momentum } : new AdamOptions { Beta2 = 0.9 };
        DenseOptimizer optimizer = options.Create(9);
        float[] parameters = new float[9], gradients = Enumerable.Repeat(1e-3f, 9).ToArray();
        optimizer.Step(parameters, gradients, 0.01);
        Array.Clear(gradients);
        for (int step = 0; step < 1000; step++)
        {
            optimizer.Step(parameters, gradients, 0.01);
        }

        using var state = new MemoryStream();
        optimizer.Save(state);
        ReadOnlySpan<byte> numbers = state.ToArray().AsSpan()[^(32 + 36)..^32];
        Assert.Equal(-1, numbers.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Step_WrongLengthsOrScalars_IsRefusedAndNotCounted()
    {
        DenseOptimizer optimizer = new AdamOptions().Create(3);
        float[] three = new float[3], four = new float[4];

        Assert.Throws<ArgumentException>(() => optimizer.Step(three, four, 0.1));
        Assert.Throws<ArgumentException>(() => optimizer.Step(four, three, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(three, three, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(three, three, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(three, three, 1, float.NaN));
        Assert.Throws<ArgumentException>(
            () => new SparseAdamOptions().Create(4, 3).Step(new float[12], new SparseGradient(3, 4), 0.1));
        Assert.Equal(0, optimizer.Steps);
    }

    [Fact]
    public void Create_SettingOutOfRange_IsNamed()
    {
        (DenseOptimizerOptions Options, string Name)[] cases =
        [
            (new AdamOptions { Beta1 = 1 }, "Beta1"), (new AdamOptions { Beta2 = -0.1 }, "Beta2"), (new AdamOptions { Epsilon = 0 }, "Epsilon"),
            (new AdamOptions { WeightDecay = double.NaN }, "WeightDecay"), (new SgdOptions { Nesterov = true }, "Momentum"),
            (new AdagradOptions { InitialAccumulator = -1 }, "InitialAccumulator"), (new AdagradOptions { Epsilon = 1e-60 }, "Epsilon"),
        ];
        foreach ((DenseOptimizerOptions options, string name) in cases)
        {
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => options.Create(1)).ParamName);
        }
    }

    internal static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int index = 0; index < count; index++)
        {
            values[index] = (float)((random.NextDouble() - 0.5) * Math.Pow(10, (random.NextDouble() * 4) - 3));
        }

        return values;
    }
}
