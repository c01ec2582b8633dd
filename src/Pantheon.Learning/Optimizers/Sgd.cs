using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pantheon.Learning.Optimizers;

/// <summary>Settings of <see cref="Sgd"/>.</summary>
public sealed record SgdOptions : DenseOptimizerOptions
{
    /// <summary>Decay of the velocity, in [0, 1). Default 0: no velocity, and no memory for one.</summary>
    public double Momentum { get; init; }

    /// <summary>Steps along the velocity that the next step would have. Needs a momentum. Default false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Times the parameters, added to the gradients, at least 0 (not decoupled: the velocity remembers it). Default 0.</summary>
    public double WeightDecay { get; init; }

    public override DenseOptimizer Create(int length) => new Sgd(this, length);

    internal OptimizerHeader Header(int length)
    {
        Setting.Require(Momentum is >= 0 and < 1, Momentum, "in [0, 1)", nameof(Momentum));
        Setting.Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, WeightDecay, "finite and at least 0", nameof(WeightDecay));
        Setting.Require(!Nesterov || Momentum > 0, Momentum, "above 0 with Nesterov", nameof(Momentum));
        return new OptimizerHeader("sgd", 1, length, ("momentum", Momentum), ("nesterov", Nesterov ? 1 : 0), ("weight_decay", WeightDecay));
    }
}

/// <summary>Stochastic gradient descent, with momentum if wished; the same as torch.optim.SGD without dampening (PyTorch 1.13).</summary>
public sealed class Sgd : DenseOptimizer
{
    // As in AdamKernel: a velocity that no gradient feeds must end at 0.
    private const float SmallestNormal = 1.17549435e-38f;

    private readonly SgdOptions _options;
    private readonly float[] _velocity;

    public Sgd(SgdOptions options, int length)
        : this(options, options.Header(length), new float[options.Momentum > 0 ? length : 0])
    {
    }

    private Sgd(SgdOptions options, OptimizerHeader header, float[] velocity)
        : base(header, velocity) => (_options, _velocity) = (options, velocity);

    private protected override void Update(Span<float> parameters, ReadOnlySpan<float> gradients, double rate, float gradientScale)
    {
        float decay = (float)_options.WeightDecay;
        if (_velocity.Length == 0)
        {
            Plain(parameters, gradients, (float)rate, gradientScale, decay);
        }
        else
        {
            WithMomentum(parameters, gradients, (float)rate, gradientScale, decay);
        }
    }

    private static void Plain(Span<float> parameters, ReadOnlySpan<float> gradients, float rate, float scale, float decay)
    {
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float g = ref MemoryMarshal.GetReference(gradients);
        int at = 0;
        for (; at <= parameters.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector<float> parameter = Vector.LoadUnsafe(ref p, (nuint)at);
            Vector<float> gradient = (Vector.LoadUnsafe(ref g, (nuint)at) * scale) + (parameter * decay);
            (parameter - (gradient * rate)).StoreUnsafe(ref p, (nuint)at);
        }

        for (; at < parameters.Length; at++)
        {
            float parameter = parameters[at];
            parameters[at] = parameter - (((gradients[at] * scale) + (parameter * decay)) * rate);
        }
    }

    private void WithMomentum(Span<float> parameters, ReadOnlySpan<float> gradients, float rate, float scale, float decay)
    {
        float momentum = (float)_options.Momentum;
        // Nesterov steps along gradient + momentum x velocity, plain momentum along 0 x gradient + 1 x velocity.
        float ofGradient = _options.Nesterov ? 1 : 0;
        float ofVelocity = _options.Nesterov ? momentum : 1;
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float g = ref MemoryMarshal.GetReference(gradients);
        ref float v = ref MemoryMarshal.GetArrayDataReference(_velocity);
        var smallest = new Vector<float>(SmallestNormal);
        int at = 0;
        for (; at <= parameters.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector<float> parameter = Vector.LoadUnsafe(ref p, (nuint)at);
            Vector<float> gradient = (Vector.LoadUnsafe(ref g, (nuint)at) * scale) + (parameter * decay);
            Vector<float> velocity = (Vector.LoadUnsafe(ref v, (nuint)at) * momentum) + gradient;
            velocity = Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(velocity), smallest), Vector<float>.Zero, velocity);
            (parameter - (((gradient * ofGradient) + (velocity * ofVelocity)) * rate)).StoreUnsafe(ref p, (nuint)at);
            velocity.StoreUnsafe(ref v, (nuint)at);
        }

        for (; at < parameters.Length; at++)
        {
            float parameter = Unsafe.Add(ref p, at);
            float gradient = (Unsafe.Add(ref g, at) * scale) + (parameter * decay);
            float velocity = (Unsafe.Add(ref v, at) * momentum) + gradient;
            velocity = Math.Abs(velocity) < SmallestNormal ? 0 : velocity;
            Unsafe.Add(ref p, at) = parameter - (((gradient * ofGradient) + (velocity * ofVelocity)) * rate);
            Unsafe.Add(ref v, at) = velocity;
        }
    }
}
