using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The messages of an answer stream, one write at a time.</summary>
internal sealed class ResponseStream<TResponse>(HttpServerCallContext call, Action<TResponse, SerializationContext> serializer)
    : IServerStreamWriter<TResponse>
    where TResponse : class
{
    private readonly CancellationToken _aborted = call.Http.RequestAborted;
    private int _writing;
    private volatile bool _complete;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);

        // Half a message on the wire cannot be taken back, so a cancelled write takes the call with it.
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((HttpServerCallContext)state!).Abandon(), call);
        cancellationToken.ThrowIfCancellationRequested();
        if (_complete || _aborted.IsCancellationRequested)
        {
            throw CallOverException.ForWrite();
        }

        if (Interlocked.Exchange(ref _writing, 1) != 0)
        {
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        }

        try
        {
            if (!await call.TryWriteMessageAsync(message, serializer, flush: true, cancellationToken))
            {
                throw CallOverException.ForWrite();
            }
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    public void Complete() => _complete = true;
}
