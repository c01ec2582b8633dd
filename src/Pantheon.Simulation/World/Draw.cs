namespace Pantheon.Simulation;

/// <summary>What random numbers are for: every entity and event has a stream of its own, so nothing depends on the order of calls.</summary>
internal enum Purpose
{
    Activity = 1,
    Person,
    Category,
    Author,
    Room,
    Visit,
    Retrieval,
    Outcome,
    Scroll,
    Video,
    Shuffle,
}

/// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) from a key: the same numbers on every machine and runtime.</summary>
internal struct Draw
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    public Draw(ulong seed, Purpose purpose, long first, long second = 0, long third = 0)
    {
        _state = Mix(seed + Golden);
        _state = Mix(_state ^ Mix((ulong)purpose + Golden));
        _state = Mix(_state ^ Mix((ulong)first + Golden));
        _state = Mix(_state ^ Mix((ulong)second + Golden));
        _state = Mix(_state ^ Mix((ulong)third + Golden));
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => (Mix(_state += Golden) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform from 0 to one below <paramref name="count"/>.</summary>
    public int Index(int count) => (int)(Uniform() * count);

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double Normal() => Math.Sqrt(2 * Exponential()) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -Math.Log(1 - Uniform());

    /// <summary>Independent standard normals.</summary>
    public double[] Normals(int count)
    {
        var numbers = new double[count];
        for (var place = 0; place < count; place++)
        {
            numbers[place] = Normal();
        }

        return numbers;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
