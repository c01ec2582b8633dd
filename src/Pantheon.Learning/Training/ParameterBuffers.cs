using System.Security.Cryptography;
using System.Text;
using Pantheon.Modeling.Layers;

namespace Pantheon.Learning.Training;

/// <summary>
/// The values of a network's parameters, in memory that stays where it is: ONNX Runtime reads it, an optimizer changes it, and nothing
/// is copied in between.
/// </summary>
public sealed class ParameterBuffers
{
    private const double EmbeddingDeviation = 0.05;

    private readonly Dictionary<string, float[]> _values = new(StringComparer.Ordinal);

    /// <summary>Starts every parameter as its spec says. The same seed gives the same values, whatever other parameters there are.</summary>
    public ParameterBuffers(IReadOnlyList<ParameterSpec> specs, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(specs);
        Specs = specs;
        foreach (var spec in specs)
        {
            var values = GC.AllocateUninitializedArray<float>(spec.Length, pinned: true);
            Initialize(spec, values, seed);
            _values.Add(spec.Name, values);
        }
    }

    public IReadOnlyList<ParameterSpec> Specs { get; }

    /// <summary>Floats in all of them.</summary>
    public long Count => _values.Values.Sum(values => (long)values.Length);

    /// <summary>A parameter's values, row-major; pinned.</summary>
    public float[] this[string name] => _values[name];

    private static void Initialize(ParameterSpec spec, float[] values, ulong seed)
    {
        switch (spec.Initialization)
        {
            case Initialization.Zeros:
                Array.Clear(values);
                break;
            case Initialization.Ones:
                Array.Fill(values, 1f);
                break;
            case Initialization.Glorot:
                var random = RandomOf(spec.Name, seed);
                var limit = Math.Sqrt(6.0 / (spec.Shape[0] + spec.Shape[^1]));
                for (var index = 0; index < values.Length; index++)
                {
                    values[index] = (float)(((2 * random.NextDouble()) - 1) * limit);
                }

                break;
            case Initialization.Embedding:
                var normal = RandomOf(spec.Name, seed);
                for (var index = 0; index < values.Length; index++)
                {
                    // Box and Muller 1958.
                    var radius = Math.Sqrt(-2 * Math.Log(1 - normal.NextDouble()));
                    values[index] = (float)(EmbeddingDeviation * radius * Math.Cos(2 * Math.PI * normal.NextDouble()));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(spec), spec.Initialization, null);
        }
    }

    private static Random RandomOf(string name, ulong seed) =>
        new(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"))));
}
