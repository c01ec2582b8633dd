using System.Globalization;
using Pantheon.Bundles;
using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Models;

/// <summary>Whether this machine computes what the bundle's golden requests say.</summary>
internal static class GoldenCheck
{
    /// <summary>Runs every golden request.</summary>
    /// <returns>The worst difference; null without golden requests.</returns>
    /// <exception cref="BundleException">The worst difference is above <paramref name="tolerance"/>.</exception>
    public static GoldenDifference? Run(LoadedModel model, double tolerance, PinnedPool memory)
    {
        GoldenDifference? worst = null;
        for (var i = 0; i < model.Bundle.Goldens.Count; i++)
        {
            Run(model, i, memory, ref worst);
        }

        return worst is null || worst.Value <= tolerance
            ? worst
            : throw new BundleException(string.Create(
                CultureInfo.InvariantCulture, $"{model.Bundle.Directory}: {worst} (tolerance {tolerance})"));
    }

    private static void Run(LoadedModel model, int request, PinnedPool memory, ref GoldenDifference? worst)
    {
        var golden = model.Bundle.Goldens[request];
        using var run = new DirectRun(model, golden.Candidates, memory);
        for (var i = 0; i < model.Inputs.Length; i++)
        {
            var tensor = golden.Inputs[model.Inputs[i].Spec.Name];
            if (tensor.Floats is { } floats)
            {
                floats.CopyTo(run.Input<float>(i));
            }
            else
            {
                tensor.Int64s.CopyTo(run.Input<long>(i));
            }
        }

        run.Execute();
        for (var i = 0; i < model.Outputs.Length; i++)
        {
            var name = model.Outputs[i].Spec.Name;
            if (golden.Outputs.TryGetValue(name, out var expected))
            {
                Compare(request, name, model.Outputs[i].Columns, run.Output(i), expected.Floats!, ref worst);
            }
        }
    }

    private static void Compare(
        int request, string output, int columns, ReadOnlySpan<float> computed, float[] expected, ref GoldenDifference? worst)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var value = GoldenDifference.Between(computed[i], expected[i]);
            if (worst is null || value > worst.Value)
            {
                worst = new GoldenDifference(value, request, output, i / columns, i % columns, computed[i], expected[i]);
            }
        }
    }
}
