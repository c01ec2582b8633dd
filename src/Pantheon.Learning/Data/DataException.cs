namespace Pantheon.Learning.Data;

/// <summary>
/// Data that is refused. The message is one sentence for the person who brought it: which file and column, what came, what was
/// expected.
/// </summary>
public sealed class DataException : Exception
{
    public DataException()
    {
    }

    public DataException(string message)
        : base(message)
    {
    }

    public DataException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
