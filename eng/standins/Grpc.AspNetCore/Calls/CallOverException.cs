namespace Grpc.AspNetCore.Server.Calls;

/// <summary>
/// What a handler gets that uses the streams of a call that is over. To it that is an <see cref="InvalidOperationException"/>;
/// a type of its own tells it from the handler's own faults when the handler lets it through.
/// </summary>
internal sealed class CallOverException : InvalidOperationException
{
    private CallOverException(string message)
        : base(message)
    {
    }

    public static CallOverException ForWrite() => new("Can't write the message because the request is complete.");

    public static CallOverException ForRead() => new("Can't read messages after the request is complete.");
}
