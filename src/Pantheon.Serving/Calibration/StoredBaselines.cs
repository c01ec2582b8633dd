using System.Globalization;
using System.Text;
using Pantheon.Bundles;
using Pantheon.Exposures.Stores;
using Pantheon.Serving.Exposures;

namespace Pantheon.Serving.Calibration;

/// <summary>
/// Frozen baselines as notes of the store that replicas share: <c>baseline/MODEL</c>, and what it replaced as <c>baseline/MODEL/N</c>, each
/// with the text that <c>baseline.json</c> would have.
/// </summary>
internal sealed class StoredBaselines(ExposureHost exposures) : IBaselines
{
    private const string Prefix = "baseline/";

    /// <inheritdoc/>
    public async Task<FrozenBaseline?> ReadAsync(string model, CancellationToken cancellation)
    {
        try
        {
            return await exposures.AskAsync((notes, limit) => notes.ReadAsync(Prefix + model, limit), cancellation) is { } note ? Parse(model, note.Text) : null;
        }
        catch (ExposureStoreException error)
        {
            throw new BaselineAwayException(error.Message, error);
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string model, FrozenBaseline baseline, CancellationToken cancellation)
    {
        var key = Prefix + model;
        baseline.Check(key);
        try
        {
            var before = await exposures.AskAsync((notes, limit) => notes.ReadAsync(key, limit), cancellation);
            var version = before is null ? 0 : Parse(model, before.Text).Version;
            if (version != baseline.Version - 1)
            {
                throw Overtaken($"it is at version {version}, not {baseline.Version - 1}");
            }

            if (before is not null)
            {
                // First, as whoever is quicker leaves the same there.
                var earlier = string.Create(CultureInfo.InvariantCulture, $"{key}/{version}");
                await exposures.AskAsync((notes, limit) => notes.WriteAsync(earlier, before.Text, cancellation: limit), cancellation);
            }

            _ = await exposures.AskAsync((notes, limit) => notes.WriteAsync(key, Encoding.UTF8.GetString(baseline.ToJson()), before?.Revision ?? 0, limit), cancellation)
                ?? throw Overtaken($"it is not at version {version} any more");
        }
        catch (ExposureStoreException error)
        {
            throw new BaselineAwayException(error.Message, error);
        }

        BundleException Overtaken(string reason) => new($"{key}: {reason}: somebody else changed it meanwhile");
    }

    /// <inheritdoc/>
    public Task WatchAsync(Func<string, Task> changed, CancellationToken cancellation) =>
        exposures.FollowAsync(Prefix, key => changed(key[Prefix.Length..].Split('/')[0]), cancellation);

    private static FrozenBaseline Parse(string model, string text) => FrozenBaseline.Parse(Encoding.UTF8.GetBytes(text), Prefix + model);
}
