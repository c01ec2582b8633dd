using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>The messages of a response stream.</summary>
internal sealed class ResponseStream<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, Task<HttpResponseMessage?> sent)
    : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private ResponseReader? _reader;
    private int _reading;

    public TResponse Current { get; private set; } = null!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is in progress.");
        }

        using var registration = cancellationToken.UnsafeRegister(
            static state => ((ClientCall)state!).Finish(new Status(StatusCode.Cancelled, "Call canceled by the client.")), call);
        try
        {
            Current = null!;
            return await MoveNextAsync().ConfigureAwait(false);
        }
        finally
        {
            if (call.IsFinished)
            {
                _reader?.Dispose();
            }

            Volatile.Write(ref _reading, 0);
        }
    }

    private async Task<bool> MoveNextAsync()
    {
        if (await sent.ConfigureAwait(false) is not { } response || call.IsFinished)
        {
            return call.GetStatus().StatusCode == StatusCode.OK ? false : throw call.Exception();
        }

        try
        {
            _reader ??= await ResponseReader.OpenAsync(response, call.Channel.MaxReceive, call.Cancelled).ConfigureAwait(false);
            if (await _reader.ReadAsync(call.Method.ResponseMarshaller.ContextualDeserializer, call.Cancelled).ConfigureAwait(false) is { } message)
            {
                Current = message;
                return true;
            }
        }
        catch (Exception exception)
        {
            throw call.Fail(exception, "Error reading next message.");
        }

        return call.FinishWithTrailers(response).StatusCode == StatusCode.OK ? false : throw call.Exception();
    }
}
