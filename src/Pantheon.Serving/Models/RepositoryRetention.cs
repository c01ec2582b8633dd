using Pantheon.Bundles;
using Pantheon.Scoring.Rollout;
using Pantheon.Serving.Configuration;

namespace Pantheon.Serving.Models;

/// <summary>Deletes old versions where settings say how many, or how much disk, a model may keep. One that has or had traffic last stays.</summary>
internal sealed partial class RepositoryRetention(ServingOptions options, ILogger<RepositoryRetention> logger)
{
    private string _lastProblem = "";

    /// <summary>Whether settings want anything deleted.</summary>
    public bool IsWanted => options.Rollout.KeepVersions > 0 || options.Rollout.KeepBytes > 0;

    /// <summary>Deletes what is too much of a model's, the oldest first.</summary>
    /// <returns>How many versions were deleted.</returns>
    public int Enforce(ModelRepository repository, string model, RolloutView view)
    {
        var (keep, bytes) = (options.Rollout.KeepVersions, options.Rollout.KeepBytes);
        // Without a base there is nothing good yet that the others could be older than.
        if (!IsWanted || view.Base is null)
        {
            return 0;
        }

        var deleted = 0;
        try
        {
            var versions = repository.Versions(model);
            // Loaded, being loaded or declared: in use. Newer than the base and never tried: somebody is about to. The newest: its number would be given again.
            var tried = (view.Table?.History ?? []).Select(change => change.Version).ToHashSet();
            var spared = view.Versions.Where(version => version.State is VersionState.Ready or VersionState.Loading).Select(version => version.Version)
                .Concat(view.Table?.Wanted ?? []).ToHashSet();
            var left = versions.Count;
            var used = bytes == 0 ? 0 : versions.Sum(version => repository.SizeOf(model, version));
            foreach (var version in versions.Where(version => (version < view.Base || (tried.Contains(version) && version != versions[^1])) && !spared.Contains(version)))
            {
                if ((keep == 0 || left <= keep) && (bytes == 0 || used <= bytes))
                {
                    break;
                }

                used -= bytes == 0 ? 0 : repository.SizeOf(model, version);
                repository.Delete(model, version);
                (left, deleted) = (left - 1, deleted + 1);
                LogDeleted(model, version);
            }
        }
        catch (BundleException error)
        {
            // Another replica was quicker, or the repository is not ours to change: said once.
            if (_lastProblem != error.Message)
            {
                _lastProblem = error.Message;
                LogKept(model, error.Message);
            }
        }

        return deleted;
    }

    [LoggerMessage(EventId = 2012, Level = LogLevel.Information, Message = "Model '{Model}' version {Version} is deleted: the model keeps no more than it was told to")]
    private partial void LogDeleted(string model, long version);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Warning, Message = "Old versions of model '{Model}' could not be deleted: {Reason}")]
    private partial void LogKept(string model, string reason);
}
