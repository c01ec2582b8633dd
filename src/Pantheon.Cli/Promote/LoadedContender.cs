using System.Globalization;
using Google.Protobuf;
using Pantheon.Onnx.Sessions;
using Pantheon.Promotion;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;

namespace Pantheon.Cli.Promote;

/// <summary>A bundle that scores stored requests as the service would have.</summary>
internal sealed class LoadedContender : IDisposable
{
    private readonly EngineOptions _options = new();
    private readonly LoadedModel _model;

    /// <exception cref="Bundles.BundleException">The bundle is refused.</exception>
    public LoadedContender(string path, CancellationToken cancellation)
    {
        var loader = new ModelLoader(_options, new GraphSessionOptions(), PinnedPool.Shared, TimeProvider.System);
        _model = loader.Load(BundleFolder.Open(path), cancellation);
        Contender = new Contender(
            string.Create(CultureInfo.InvariantCulture, $"{_model.Name}/{_model.Version} {_model.Bundle.Digest["sha256:".Length..][..12]}"), ranking => Score(ranking.Features));
    }

    public Contender Contender { get; }

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
