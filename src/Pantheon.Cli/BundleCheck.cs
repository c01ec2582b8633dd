using Pantheon.Bundles;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.IdRanges;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;

namespace Pantheon.Cli;

/// <summary>A bundle loaded just as the service does, with what that showed.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="Worst">Its worst golden difference; null without golden requests.</param>
/// <param name="Ids">What the graph tells about its integer inputs.</param>
internal sealed record BundleCheck(Bundle Bundle, GoldenDifference? Worst, IReadOnlyList<IdRangeFinding> Ids)
{
    /// <summary>Verifies graph and golden requests of an opened bundle, and runs every size up to the service's default limit.</summary>
    /// <exception cref="BundleException">Refused, with the reason.</exception>
    public static BundleCheck Run(Bundle bundle, CancellationToken cancellation)
    {
        var loader = new ModelLoader(new EngineOptions(), new GraphSessionOptions(), PinnedPool.Shared, TimeProvider.System);
        using var model = loader.Load(bundle, cancellation);
        var ids = IdRangeAnalysis.Find(OnnxModel.Load(bundle.ModelPath));
        foreach (var finding in ids.Where(finding => finding.IsDecided))
        {
            var range = bundle.Manifest.Inputs.First(input => input.Name == finding.Input).Range;
            if (range is null || range.Min < finding.Minimum || range.Max > finding.Maximum)
            {
                var allowed = range is null ? "any value" : $"{range.Min} to {range.Max}";
                throw new BundleException(
                    $"{bundle.Directory}: the manifest allows {allowed} in '{finding.Input}', the graph takes {finding.Minimum} to {finding.Maximum}");
            }
        }

        return new BundleCheck(bundle, model.WorstGoldenDifference, ids);
    }
}
