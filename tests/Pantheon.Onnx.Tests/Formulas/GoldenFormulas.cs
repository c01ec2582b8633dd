using System.Text.Json;

namespace Pantheon.Onnx.Tests.Formulas;

/// <summary>Formulas with their values by Python and numpy; see python/make_formulas.py.</summary>
internal sealed record GoldenFormulas(string[] Objectives, double[][] Pxtrs, GoldenFormulas.Entry[] Entries)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    public static GoldenFormulas Instance { get; } =
        JsonSerializer.Deserialize<GoldenFormulas>(File.ReadAllText(Fixture.PathOf("formulas.json")), Options)!;

    /// <param name="Formula">The text.</param>
    /// <param name="Values">One for each row of Pxtrs.</param>
    internal sealed record Entry(string Formula, double[] Values);
}
