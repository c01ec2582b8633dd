namespace Pantheon.Learning.Metrics;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): random numbers that are the same on every machine and runtime for one seed, which
/// <see cref="Random"/> does not promise. A stream of its own for each replicate or trial keeps results independent of threads.
/// </summary>
internal struct SplitMix
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    public SplitMix(ulong seed, ulong stream) => _state = Mix(seed + Golden) ^ Mix(Mix(stream * Golden) + Golden);

    public ulong Next() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double NextNormal() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Exponential with mean 1.</summary>
    public double NextExponential() => -Math.Log(1 - NextDouble());

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
