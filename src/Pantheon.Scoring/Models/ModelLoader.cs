using System.Globalization;
using Pantheon.Bundles;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Models;

/// <summary>
/// Makes a bundle ready to serve: the graph is loaded and held against the manifest,
/// its golden requests must give their golden outputs, and it is warmed at every size up to the limit. A bundle that
/// fails any of it is never half-loaded.
/// </summary>
/// <param name="options">Limits and tolerance.</param>
/// <param name="session">How graphs run.</param>
/// <param name="memory">Where warm-up requests take their memory.</param>
/// <param name="clock">For service times.</param>
/// <param name="calibration">How versions measure their scores.</param>
/// <param name="baselines">What their scores are moved to; null: to what their manifests say.</param>
public sealed class ModelLoader(
    EngineOptions options, GraphSessionOptions session, PinnedPool memory, TimeProvider clock, CalibrationOptions? calibration = null, FrozenBaselines? baselines = null)
{
    // Enough for the allocator's arena to settle, and for one run that gave way to nobody.
    private const int WarmRunsPerSize = 3;

    /// <summary>Verifies and loads the bundle of a directory.</summary>
    /// <exception cref="BundleException">The bundle or its graph is refused; the message says why.</exception>
    public LoadedModel Load(string directory, CancellationToken cancellation) => Load(Bundle.Open(directory), cancellation);

    /// <summary>Loads a bundle.</summary>
    /// <param name="bundle">The bundle, opened and thereby verified.</param>
    /// <param name="cancellation">Gives up between runs.</param>
    /// <exception cref="BundleException">The graph is refused; the message says why.</exception>
    public LoadedModel Load(Bundle bundle, CancellationToken cancellation)
    {
        GraphSession? graph = null;
        try
        {
            CheckSizes(bundle);
            var file = OnnxModel.Load(bundle.ModelPath);
            CheckExternalData(bundle, file);
            var manifest = bundle.Manifest;
            string[] outputs = [manifest.Score.Name, .. manifest.Pxtrs.Select(output => output.Name)];
            graph = GraphSession.Load(bundle.ModelPath, session, [.. manifest.Inputs.Select(input => input.Name)], outputs);
            var model = new LoadedModel(bundle, graph, clock, calibration ?? new CalibrationOptions(), baselines?.Of(manifest.Model));
            CheckGraph(model);
            model.WorstGoldenDifference = GoldenCheck.Run(model, options.GoldenTolerance, memory);
            Warm(model, cancellation);
            return model;
        }
        catch (Exception error) when (error is OnnxFormatException or GraphException)
        {
            graph?.Dispose();
            throw new BundleException($"{bundle.ModelPath}: {error.Message}", error);
        }
        catch
        {
            graph?.Dispose();
            throw;
        }
    }

    // One tensor lies in one buffer; a shape that cannot be held at the largest size is found here, not in a request.
    private void CheckSizes(Bundle bundle)
    {
        var candidates = Math.Max(options.MaxCandidates, bundle.Goldens.Select(golden => golden.Candidates).DefaultIfEmpty(0).Max());
        foreach (var input in bundle.Manifest.Inputs)
        {
            var size = (long)input.Width * (input.Type == ElementType.Float ? sizeof(float) : sizeof(long));
            CheckSize("input", input.Name, input.Shape.Contains(null) ? size * candidates : size);
        }

        foreach (var output in bundle.Manifest.Outputs)
        {
            CheckSize("output", output.Name, (long)output.Columns * sizeof(float) * candidates);
        }

        void CheckSize(string what, string name, long bytes)
        {
            if (bytes > PinnedPool.LargestBytes)
            {
                throw new BundleException(
                    $"{bundle.Directory}: {what} '{name}' takes {bytes} bytes at {candidates} candidates, expected at most {PinnedPool.LargestBytes}");
            }
        }
    }

    private static void CheckExternalData(Bundle bundle, OnnxModel file)
    {
        foreach (var location in file.ExternalDataFiles)
        {
            if (!bundle.Manifest.Files.Any(entry => entry.Name == location))
            {
                throw new BundleException($"{bundle.ModelPath}: external data file '{location}' is not among the manifest's files");
            }
        }
    }

    private static void CheckGraph(LoadedModel model)
    {
        var extra = model.Session.DeclaredInputs.Except(model.Inputs.Select(input => input.Spec.Name), StringComparer.Ordinal).ToList();
        if (extra.Count > 0)
        {
            throw new BundleException($"{model.Bundle.ModelPath}: the graph wants input '{extra[0]}', which the manifest does not list");
        }

        for (var i = 0; i < model.Inputs.Length; i++)
        {
            var spec = model.Inputs[i].Spec;
            var element = spec.Type == ElementType.Float ? TensorElement.Float : TensorElement.Int64;
            CheckTensor(model, "input", model.Session.Inputs[i], element, spec.Shape);
        }

        for (var i = 0; i < model.Outputs.Length; i++)
        {
            CheckTensor(model, "output", model.Session.Outputs[i], TensorElement.Float, model.Outputs[i].Spec.Shape);
        }
    }

    private static void CheckTensor(LoadedModel model, string what, GraphTensor tensor, TensorElement element, IReadOnlyList<long?> shape)
    {
        var prefix = $"{model.Bundle.ModelPath}: {what} '{tensor.Name}'";
        if (tensor.Element != element)
        {
            throw new BundleException($"{prefix}: the graph has {tensor.ElementName}, the manifest says {element}");
        }

        // An open dimension of the graph fits any of the manifest's; an output's rank may be unknown to the graph.
        var fits = tensor.Shape.Count == shape.Count || (what == "output" && tensor.Shape.Count == 0);
        for (var i = 0; fits && i < tensor.Shape.Count; i++)
        {
            fits = tensor.Shape[i] is null || tensor.Shape[i] == shape[i];
        }

        if (!fits)
        {
            throw new BundleException($"{prefix}: the graph has shape {Print(tensor.Shape.Select(d => (long?)d))}, the manifest says {Print(shape)}");
        }
    }

    private static string Print(IEnumerable<long?> shape) =>
        $"[{string.Join(", ", shape.Select(dimension => dimension?.ToString(CultureInfo.InvariantCulture) ?? "?"))}]";

    // Every size bucket is run, so that admission knows what each costs before the first request, and the largest size,
    // so that the arena has its final size.
    private void Warm(LoadedModel model, CancellationToken cancellation)
    {
        for (var size = options.MaxCandidates; ; size /= 2)
        {
            var fastest = double.PositiveInfinity;
            for (var i = 0; i < WarmRunsPerSize; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var start = clock.GetTimestamp();
                using var run = new DirectRun(model, size, memory);
                run.FillInputs();
                run.Execute();
                fastest = Math.Min(fastest, clock.GetElapsedTime(start).TotalSeconds);
            }

            // The first run of a size pays for allocations that later ones do not, and any may have given way to threads that serve.
            model.ServiceTimes.Record(size, fastest);
            if (size == 1)
            {
                return;
            }
        }
    }
}
