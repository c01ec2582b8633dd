using System.Globalization;
using System.Text;

namespace Pantheon.Learning.Search;

/// <summary>
/// A family of fusion formulas over a model's objectives and the ranges of its parameters. Parameters become a fast scorer, for searching,
/// and a formula's text, for serving, that rank alike.
/// </summary>
public sealed class FormulaSpace
{
    /// <summary>
    /// Smallest p under a logarithm or power: below what a calibrated Pxtr says, so that it only keeps a sigmoid that has underflowed from
    /// making infinities.
    /// </summary>
    public const double Floor = 1e-8;

    // A served score is a float, whose largest logarithm is 88: the product of any Pxtrs must stay below.
    private const double LargestLog = 80;

    private FormulaSpace(FormulaFamily family, IReadOnlyList<string> objectives, SearchSpace space)
    {
        Family = family;
        Objectives = objectives;
        Space = space;
    }

    /// <summary>The formulas' form.</summary>
    public FormulaFamily Family { get; }

    /// <summary>The Pxtrs, in order; each has one parameter of its name.</summary>
    public IReadOnlyList<string> Objectives { get; }

    /// <summary>The parameters' ranges.</summary>
    public SearchSpace Space { get; }

    /// <summary>
    /// Ranges of positive weights. For sums and for products of 1 + p they lie around 1 over the objective's typical Pxtr, where each
    /// objective has about the same say, searched by logarithm; for powers and logarithms, whose say does not hang on a Pxtr's size,
    /// from 0 to 1.
    /// </summary>
    /// <param name="decades">Powers of ten from the middle to each end; 1 as in ParaDance.</param>
    public static FormulaSpace Of(FormulaFamily family, PxtrTable pxtrs, double decades = 1)
    {
        ArgumentNullException.ThrowIfNull(pxtrs);
        if (!(decades > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(decades), decades, "expected more than 0");
        }

        var parameters = new SearchParameter[pxtrs.Objectives.Count];
        for (int objective = 0; objective < parameters.Length; objective++)
        {
            string name = pxtrs.Objectives[objective];
            double middle = 1 / pxtrs.GeometricMean(objective, Floor);
            double reach = Math.Pow(10, decades);
            parameters[objective] = ByLogarithm(family)
                ? new SearchParameter(name, middle / reach, middle * reach, Log: true)
                : new SearchParameter(name, 0, 1);
        }

        return new FormulaSpace(family, pxtrs.Objectives, new SearchSpace(parameters));
    }

    /// <summary>Ranges of the caller's, one parameter for each objective, named like it; negative weights too.</summary>
    public static FormulaSpace Of(FormulaFamily family, SearchSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        string[] names = new string[space.Parameters.Count];
        for (int index = 0; index < names.Length; index++)
        {
            names[index] = space.Parameters[index].Name;
        }

        return new FormulaSpace(family, names, space);
    }

    /// <summary>The middle of each range: a formula to begin with.</summary>
    public double[] Middle()
    {
        double[] middle = new double[Space.Parameters.Count];
        for (int index = 0; index < middle.Length; index++)
        {
            var parameter = Space.Parameters[index];
            middle[index] = parameter.Outside((parameter.Inside(parameter.Low) + parameter.Inside(parameter.High)) / 2);
        }

        return middle;
    }

    /// <summary>
    /// The formula as <see cref="Onnx.Formulas.FusionFormula"/> reads it. The exponents of a product that could leave the range of a
    /// float are all made smaller by one factor, which changes no ranking.
    /// </summary>
    /// <param name="parameters">One for each objective, finite.</param>
    public string Text(IReadOnlyList<double> parameters)
    {
        CheckCount(parameters);
        double scale = Scale(parameters);
        var text = new StringBuilder();
        for (int objective = 0; objective < parameters.Count; objective++)
        {
            string name = Quoted(Objectives[objective]);
            string number = (parameters[objective] * scale).ToString("R", CultureInfo.InvariantCulture);
            string floor = Floor.ToString("R", CultureInfo.InvariantCulture);
            bool product = Family is FormulaFamily.OnePlusProduct or FormulaFamily.PowerProduct;
            text.Append(objective == 0 ? "" : product ? " * " : " + ");
            text.Append(Family switch
            {
                FormulaFamily.OnePlusProduct => $"(1 + {name})^{number}",
                FormulaFamily.PowerProduct => $"max({name}, {floor})^{number}",
                FormulaFamily.LogLinear => $"{number} * log(max({name}, {floor}))",
                _ => $"{number} * {name}",
            });
        }

        return text.ToString();
    }

    /// <summary>A scorer of these Pxtrs.</summary>
    /// <exception cref="ArgumentException">They are of other objectives.</exception>
    public FormulaScorer Scorer(PxtrTable pxtrs)
    {
        ArgumentNullException.ThrowIfNull(pxtrs);
        return pxtrs.Objectives.SequenceEqual(Objectives, StringComparer.Ordinal)
            ? new FormulaScorer(Family, pxtrs)
            : throw new ArgumentException(
                $"Pxtrs of {string.Join(", ", pxtrs.Objectives)} came; expected {string.Join(", ", Objectives)}", nameof(pxtrs));
    }

    /// <summary>What <see cref="Text"/> multiplies parameters by.</summary>
    internal double Scale(IReadOnlyList<double> parameters)
    {
        double steepest = Family switch
        {
            FormulaFamily.OnePlusProduct => Math.Log(2),
            FormulaFamily.PowerProduct => -Math.Log(Floor),
            _ => 0,
        };
        double sum = 0;
        foreach (double parameter in parameters)
        {
            sum += Math.Abs(parameter) * steepest;
        }

        return sum > LargestLog ? LargestLog / sum : 1;
    }

    private static bool ByLogarithm(FormulaFamily family) => family is FormulaFamily.OnePlusProduct or FormulaFamily.LinearSum;

    private static string Quoted(string name)
    {
        bool plain = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (char character in name)
        {
            plain &= char.IsAsciiLetterOrDigit(character) || character == '_';
        }

        return plain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private void CheckCount(IReadOnlyList<double> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count != Objectives.Count)
        {
            throw new ArgumentException($"{parameters.Count} parameters came; expected {Objectives.Count}", nameof(parameters));
        }
    }
}
