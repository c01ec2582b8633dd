namespace Pantheon.Bundles;

/// <summary>Where the frozen baselines of models are kept, for all who share it. Safe for use by many threads.</summary>
public interface IBaselines
{
    /// <summary>A model's baseline as it is at this moment; null: there is none.</summary>
    /// <exception cref="BundleException">It cannot be read or is not one, with the field.</exception>
    /// <exception cref="BaselineAwayException">The place cannot be reached now.</exception>
    public Task<FrozenBaseline?> ReadAsync(string model, CancellationToken cancellation);

    /// <summary>Replaces a model's baseline, durably; the one before stays readable beside it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baseline">What it becomes, one version on from what there is.</param>
    /// <param name="cancellation">Gives up waiting; the baseline may be replaced nevertheless.</param>
    /// <exception cref="BundleException">It is none, somebody else was quicker, or the disk refuses; what was there is as it was.</exception>
    /// <exception cref="BaselineAwayException">The place cannot be reached now.</exception>
    public Task WriteAsync(string model, FrozenBaseline baseline, CancellationToken cancellation);

    /// <summary>Calls for each model whose baseline changed, where that is told, until it is cancelled; where nobody tells it returns at once. Look besides: it promises nothing.</summary>
    public Task WatchAsync(Func<string, Task> changed, CancellationToken cancellation);
}

/// <summary>The place where baselines are kept cannot be reached now; what is there says nothing of it.</summary>
public sealed class BaselineAwayException : Exception
{
    public BaselineAwayException()
    {
    }

    public BaselineAwayException(string message)
        : base(message)
    {
    }

    public BaselineAwayException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
