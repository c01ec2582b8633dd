using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Common;

namespace Grpc.Net.Client.Calls;

/// <summary>A request stream: lends HTTP's stream to the writer until the caller completes it or the call ends.</summary>
internal sealed class StreamContent<TRequest, TResponse> : HttpContent
    where TRequest : class
    where TResponse : class
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamContent(GrpcCall<TRequest, TResponse> call)
    {
        Headers.ContentType = new MediaTypeHeaderValue(ProtocolHeaders.ContentType);
        Writer = new RequestWriter<TRequest, TResponse>(call, this);
    }

    public RequestWriter<TRequest, TResponse> Writer { get; }

    /// <summary>Where to write, once the request has begun; cancelled if the call ends before.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Half-closes.</summary>
    public void Complete() => _complete.TrySetResult();

    public void Abandon()
    {
        _stream.TrySetCanceled();
        _complete.TrySetCanceled();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The headers go now: the server may have something to say before our first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        _stream.TrySetResult(stream);
        await _complete.Task.ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}

/// <summary>Writes requests, one at a time.</summary>
internal sealed class RequestWriter<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, StreamContent<TRequest, TResponse> content)
    : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private readonly Lock _gate = new();
    private bool _writing;
    private bool _complete;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_gate)
        {
            if (_complete)
            {
                throw new InvalidOperationException("Request stream has already been completed.");
            }

            if (_writing)
            {
                throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
            }

            if (call.IsFinished)
            {
                throw call.Exception();
            }

            _writing = true;
        }

        // Half a message on the wire cannot be taken back, so a cancelled write takes the call with it.
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((ClientCall)state!).Finish(new Status(StatusCode.Cancelled, "Call canceled by the client.")), call);
        try
        {
            var stream = await content.Stream.ConfigureAwait(false);
            using var buffer = MessageBuffer.Serialize(call, message, WriteOptions);
            await stream.WriteAsync(buffer.Framed, call.Cancelled).ConfigureAwait(false);
            if ((WriteOptions?.Flags & WriteFlags.BufferHint) != WriteFlags.BufferHint)
            {
                await stream.FlushAsync(call.Cancelled).ConfigureAwait(false);
            }
        }
        catch (Exception) when (call.IsFinished)
        {
            throw call.Exception();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // The message was refused before any of it was sent; a too large one is this write's failure and ends the call.
            throw call.Fail(exception, "Error writing the message.");
        }
        catch (Exception exception)
        {
            // The server has stopped reading; why, the response says, so the call is not ended here.
            throw new RpcException(TransportStatus.Of(exception, "Error writing the message."));
        }
        finally
        {
            lock (_gate)
            {
                _writing = false;
            }
        }
    }

    public Task CompleteAsync()
    {
        lock (_gate)
        {
            if (_complete)
            {
                return Task.FromException(new InvalidOperationException("Request stream has already been completed."));
            }

            if (_writing)
            {
                return Task.FromException(new InvalidOperationException(
                    "Can't complete the client stream writer because the previous write is in progress."));
            }

            _complete = true;
        }

        content.Complete();
        return Task.CompletedTask;
    }
}
