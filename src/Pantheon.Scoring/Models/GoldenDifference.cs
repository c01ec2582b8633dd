using System.Globalization;

namespace Pantheon.Scoring.Models;

/// <summary>Where this machine and a bundle's golden outputs differ most.</summary>
/// <param name="Value">The difference: absolute where the golden output is within 1 of zero, relative to it beyond.</param>
/// <param name="Request">The golden request's place in the bundle, from 0.</param>
/// <param name="Output">Name of the output.</param>
/// <param name="Candidate">The candidate's row, from 0.</param>
/// <param name="Column">The output's column, from 0.</param>
/// <param name="Computed">What this machine computes.</param>
/// <param name="Expected">What the bundle says.</param>
public sealed record GoldenDifference(
    double Value, int Request, string Output, int Candidate, int Column, float Computed, float Expected)
{
    /// <summary>Infinite where only one of the two is a number.</summary>
    internal static double Between(float computed, float expected)
    {
        if (computed.Equals(expected))
        {
            return 0;
        }

        var difference = Math.Abs((double)computed - expected) / Math.Max(1, Math.Abs((double)expected));
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"golden request {Request}, output '{Output}', candidate {Candidate}, column {Column}: this machine computes {Computed}, the bundle says {Expected}");
}
