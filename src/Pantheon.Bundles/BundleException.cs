namespace Pantheon.Bundles;

/// <summary>
/// A bundle, a file meant for one, or a repository that is refused. The message is one sentence for the operator: which file
/// and key, what came, what was expected.
/// </summary>
public sealed class BundleException : Exception
{
    public BundleException()
    {
    }

    public BundleException(string message)
        : base(message)
    {
    }

    public BundleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
