namespace Pantheon.Learning.Search;

/// <summary>One number to search.</summary>
/// <param name="Name">Unique in its space.</param>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value, above <paramref name="Low"/>.</param>
/// <param name="Log">Whether to search its logarithm: for what may be 0.01 as well as 1. <paramref name="Low"/> is above 0 then.</param>
public sealed record SearchParameter(string Name, double Low, double High, bool Log = false)
{
    /// <summary>Where the search moves: the logarithm of a value of a <see cref="Log"/> parameter, else the value.</summary>
    internal double Inside(double value) => Log ? Math.Log(value) : value;

    /// <summary>Back from <see cref="Inside"/>, kept in range against rounding.</summary>
    internal double Outside(double inside) => Math.Clamp(Log ? Math.Exp(inside) : inside, Low, High);

    internal bool Fits => double.IsFinite(Low) && double.IsFinite(High) && Low < High && double.IsFinite(High - Low) && (!Log || Low > 0);
}

/// <summary>The numbers that a study searches, in order.</summary>
public sealed class SearchSpace
{
    /// <exception cref="ArgumentException">There is none, a name comes twice, or a range is empty or not finite.</exception>
    public SearchSpace(IEnumerable<SearchParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        SearchParameter[] all = [.. parameters];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in all)
        {
            if (!parameter.Fits)
            {
                throw new ArgumentException(
                    $"parameter '{parameter.Name}' is from {parameter.Low} to {parameter.High}; expected finite numbers, the first below " +
                    "the second, and above 0 for a logarithm", nameof(parameters));
            }

            if (!names.Add(parameter.Name))
            {
                throw new ArgumentException($"parameter '{parameter.Name}' came twice; expected each once", nameof(parameters));
            }
        }

        Parameters = all.Length > 0 ? all : throw new ArgumentException("no parameter came; expected at least one", nameof(parameters));
    }

    /// <summary>In order.</summary>
    public IReadOnlyList<SearchParameter> Parameters { get; }

    /// <exception cref="ArgumentException">There are more or fewer values than parameters, or one is out of its range.</exception>
    internal void Check(IReadOnlyList<double> values, string name)
    {
        if (values.Count != Parameters.Count)
        {
            throw new ArgumentException($"{values.Count} values came; expected {Parameters.Count}", name);
        }

        for (int index = 0; index < values.Count; index++)
        {
            var parameter = Parameters[index];
            if (!(values[index] >= parameter.Low && values[index] <= parameter.High))
            {
                throw new ArgumentException(
                    $"'{parameter.Name}' is {values[index]}; expected {parameter.Low} to {parameter.High}", name);
            }
        }
    }
}
