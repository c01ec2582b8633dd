using System.Runtime.InteropServices;
using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Tests.Optimizers;

public sealed class StateTests
{
    [Theory]
    [MemberData(nameof(StepTests.Dense), MemberType = typeof(StepTests))]
    public void Load_DenseState_ResumesBitForBit(DenseOptimizerOptions options)
    {
        float[] straight = StepTests.Values(37, 1), resumed = StepTests.Values(37, 1);
        DenseOptimizer first = options.Create(37), second = options.Create(37), third = options.Create(37);
        Run(first, straight, 0, 10);
        Run(second, resumed, 0, 4);
        using var stream = new MemoryStream();
        second.Save(stream);
        stream.Position = 0;
        third.Load(stream);
        Run(third, resumed, 4, 10);

        Assert.Equal(Bits(straight), Bits(resumed));
        Assert.Equal(10, third.Steps);

        static void Run(DenseOptimizer optimizer, float[] parameters, int from, int to)
        {
            for (int step = from; step < to; step++)
            {
                optimizer.Step(parameters, StepTests.Values(37, 50 + step), 0.01);
            }
        }
    }

    [Theory]
    [MemberData(nameof(StepTests.Sparse), MemberType = typeof(StepTests))]
    public void Load_SparseState_ResumesBitForBit(SparseOptimizerOptions options)
    {
        float[] straight = StepTests.Values(20 * 5, 1), resumed = StepTests.Values(20 * 5, 1);
        SparseOptimizer first = options.Create(20, 5), second = options.Create(20, 5), third = options.Create(20, 5);
        Run(first, straight, 0, 10);
        Run(second, resumed, 0, 4);
        using var stream = new MemoryStream();
        second.Save(stream);
        stream.Position = 0;
        third.Load(stream);
        Run(third, resumed, 4, 10);

        Assert.Equal(Bits(straight), Bits(resumed));

        static void Run(SparseOptimizer optimizer, float[] table, int from, int to)
        {
            var gradient = new SparseGradient(20, 5);
            for (int step = from; step < to; step++)
            {
                gradient.Clear();
                gradient.Add([step, 3, step * 3 % 20, 3], StepTests.Values(20, 50 + step));
                optimizer.Step(table, gradient, 0.01);
            }
        }
    }

    [Fact]
    public void CopyFrom_AnotherOptimizer_GoesOnAsThatOne()
    {
        float[] ours = StepTests.Values(11, 1), theirs = StepTests.Values(11, 1), gradients = StepTests.Values(11, 2);
        DenseOptimizer from = new AdamOptions().Create(11), to = new AdamOptions().Create(11);
        from.Step(theirs, gradients, 0.1);
        theirs.CopyTo(ours, 0);

        to.CopyFrom(from);
        from.Step(theirs, gradients, 0.1);
        to.Step(ours, gradients, 0.1);

        Assert.Equal(theirs, ours);
        Assert.Throws<ArgumentException>(() => to.CopyFrom(new AdamOptions { Beta1 = 0.8 }.Create(11)));
        Assert.Throws<ArgumentException>(() => to.CopyFrom(new AdamOptions().Create(12)));
    }

    [Fact]
    public void Load_SeveralStatesInOneStream_ReadsOneAfterTheOther()
    {
        DenseOptimizer first = new AdamOptions().Create(3), second = new SgdOptions().Create(5);
        first.Step(new float[3], [1, 2, 3], 0.1);
        using var stream = new MemoryStream();
        first.Save(stream);
        second.Save(stream);
        stream.Position = 0;

        DenseOptimizer again = new AdamOptions().Create(3);
        again.Load(stream);
        new SgdOptions().Create(5).Load(stream);

        Assert.Equal(1, again.Steps);
        Assert.Equal(stream.Length, stream.Position);
    }

    [Fact]
    public void Load_AnotherKindShapeOrOption_SaysWhatCameAndWhatWasExpected()
    {
        byte[] state = StateOf(new AdamOptions().Create(4));

        Assert.Contains("'adam', expected 'sgd'", Refusal(new SgdOptions().Create(4), state), StringComparison.Ordinal);
        Assert.Contains("[1, 4], expected [1, 5]", Refusal(new AdamOptions().Create(5), state), StringComparison.Ordinal);
        Assert.Contains("beta1 = 0.9, expected beta1 = 0.8", Refusal(new AdamOptions { Beta1 = 0.8 }.Create(4), state), StringComparison.Ordinal);
        Assert.Contains("PNTHOPT", Refusal(new AdamOptions().Create(4), new byte[100]), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EveryTruncationAndEveryFlippedBit_IsRefusedAndChangesNothing()
    {
        SparseOptimizer source = new SparseAdamOptions().Create(2, 2);
        var gradient = new SparseGradient(2, 2);
        gradient.Add([1], [3f, 4f]);
        source.Step(new float[4], gradient, 0.1);
        byte[] state = StateOf(source);
        SparseOptimizer target = new SparseAdamOptions().Create(2, 2);
        byte[] untouched = StateOf(target);

        for (int length = 0; length < state.Length; length++)
        {
            Refusal(target, state[..length]);
        }

        for (int bit = 0; bit < state.Length * 8; bit++)
        {
            byte[] damaged = [.. state];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Refusal(target, damaged);
        }

        Assert.Equal(untouched, StateOf(target));
    }

    private static byte[] StateOf(Optimizer optimizer)
    {
        using var stream = new MemoryStream();
        optimizer.Save(stream);
        return stream.ToArray();
    }

    private static string Refusal(Optimizer optimizer, byte[] state)
    {
        using var stream = new MemoryStream(state);
        return Assert.Throws<InvalidDataException>(() => optimizer.Load(stream)).Message;
    }

    private static int[] Bits(float[] values) => MemoryMarshal.Cast<float, int>(values).ToArray();
}
