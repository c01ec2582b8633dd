using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The messages of a client's stream.</summary>
internal sealed class RequestStream<TRequest>(HttpServerCallContext call, Func<DeserializationContext, TRequest> deserializer)
    : IAsyncStreamReader<TRequest>
    where TRequest : class
{
    private readonly CancellationToken _aborted = call.Http.RequestAborted;
    private volatile bool _complete;

    public TRequest Current { get; private set; } = null!;

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        if (_complete || call.HasEnded || _aborted.IsCancellationRequested)
        {
            return Task.FromException<bool>(CallOverException.ForRead());
        }

        return MoveNextAsync(cancellationToken);
    }

    public void Complete() => _complete = true;

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        // The last message is let go before the next is waited for, which may be long.
        Current = null!;
        if (await call.Reader.ReadNextAsync(call.Body, deserializer, cancellationToken) is not { } message)
        {
            return false;
        }

        Current = message;
        return true;
    }
}
