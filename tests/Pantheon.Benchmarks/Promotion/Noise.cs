namespace Pantheon.Benchmarks.Promotion;

/// <summary>Standard normals by key: the noise that one model has at one place, whenever it is asked.</summary>
internal static class Noise
{
    public static float At(long model, long place)
    {
        var state = Mix(Mix((ulong)model + 0x9E3779B97F4A7C15) ^ (ulong)place);
        var first = ((state >> 11) + 1) * (1.0 / (1UL << 53));
        var second = (Mix(state + 0x9E3779B97F4A7C15) >> 11) * (1.0 / (1UL << 53));
        return (float)(Math.Sqrt(-2 * Math.Log(first)) * Math.Cos(2 * Math.PI * second));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
