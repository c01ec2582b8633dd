namespace Pantheon.Exposures.Stores;

/// <summary>
/// A store that cannot do what was asked: gone, full, damaged, or not ours. The message is one sentence for the operator. Whoever
/// gets it may try again: every call may be repeated and does once what it did twice.
/// </summary>
public sealed class ExposureStoreException : Exception
{
    public ExposureStoreException()
    {
    }

    public ExposureStoreException(string message)
        : base(message)
    {
    }

    public ExposureStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
