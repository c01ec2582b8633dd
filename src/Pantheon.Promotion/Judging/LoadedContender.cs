using System.Globalization;
using Google.Protobuf;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;

namespace Pantheon.Promotion;

/// <summary>A bundle that scores stored requests as the service would have. Not for use by two threads at once.</summary>
public sealed class LoadedContender : IDisposable
{
    private readonly EngineOptions _options = new();
    private readonly LoadedModel _model;

    /// <exception cref="BundleException">The bundle is refused.</exception>
    public LoadedContender(Bundle bundle, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        _model = new ModelLoader(_options, new GraphSessionOptions(), PinnedPool.Shared, TimeProvider.System).Load(bundle, cancellation);
        Contender = new Contender(
            string.Create(CultureInfo.InvariantCulture, $"{_model.Name}/{_model.Version} {_model.Bundle.Digest["sha256:".Length..][..12]}"), ranking => Score(ranking.Features));
    }

    /// <summary>Loads a bundle just as the service does, and lets it go: the graph is sound and gives its golden outputs.</summary>
    /// <exception cref="BundleException">It is refused.</exception>
    public static void Check(Bundle bundle, CancellationToken cancellation) => new LoadedContender(bundle, cancellation).Dispose();

    /// <summary>What is judged.</summary>
    public Contender Contender { get; }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private float[]? Score(ReadOnlyMemory<byte> request)
    {
        try
        {
            using var query = StoredRequest.Read(request);
            using var result = DirectScoring.Score(query, _model, _options, top: 1);
            return result.Scores.ToArray();
        }
        catch (Exception error) when (error is GraphException or InvalidProtocolBufferException)
        {
            // A model with other features: it is counted, and judged on what both can score.
            return null;
        }
    }
}
