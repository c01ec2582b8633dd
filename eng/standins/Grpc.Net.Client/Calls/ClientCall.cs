using Grpc.Core;
using Grpc.Net.Common;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Calls;

/// <summary>
/// What a call is apart from its messages. It ends exactly once (<see cref="Finish"/>): by the server's status, a failure, its
/// deadline, its caller's token or <see cref="Dispose"/>, whichever is first; everything else then tells that status.
/// </summary>
internal abstract class ClientCall : IDisposable
{
    private const long LongestWait = 0xfffffffe;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancel;
    private readonly CancellationTokenRegistration _callerCancels;
    private readonly CancellationTokenRegistration _channelDisposed;
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer? _deadlineTimer;
    private HttpResponseMessage? _response;
    private Status? _status;
    private Metadata _trailers = Metadata.Empty;

    protected ClientCall(GrpcChannel channel, CallOptions options)
    {
        ObjectDisposedException.ThrowIf(channel.Disposed.IsCancellationRequested, channel);
        if (options.Deadline is { Kind: not DateTimeKind.Utc } local && local != DateTime.MaxValue && local != DateTime.MinValue)
        {
            throw new InvalidOperationException(
                "Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
        }

        Channel = channel;
        Options = options;
        Deadline = options.Deadline is { } deadline && deadline != DateTime.MaxValue ? deadline : null;
        _cancel = new CancellationTokenSource();
        Cancelled = _cancel.Token;

        // Nobody need look at the headers of a call that failed.
        _ = _headers.Task.ContinueWith(
            static task => _ = task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        if (Deadline is not null)
        {
            using (ExecutionContext.SuppressFlow())
            {
                _deadlineTimer = new Timer(static call => ((ClientCall)call!).OnDeadlineTimer(), this, Timeout.Infinite, Timeout.Infinite);
            }

            OnDeadlineTimer();
        }

        _channelDisposed = channel.Disposed.UnsafeRegister(static call => ((ClientCall)call!).Dispose(), this);
        _callerCancels = options.CancellationToken.UnsafeRegister(
            static call => ((ClientCall)call!).Finish(new Status(StatusCode.Cancelled, "Call canceled by the client.")), this);
    }

    public GrpcChannel Channel { get; }

    public CallOptions Options { get; }

    /// <summary>In UTC; null for none.</summary>
    public DateTime? Deadline { get; }

    /// <summary>Cancelled when the call has ended before its response was read to the end.</summary>
    public CancellationToken Cancelled { get; }

    public bool IsFinished
    {
        get
        {
            lock (_gate)
            {
                return _status is not null;
            }
        }
    }

    public Task<Metadata> ResponseHeadersAsync => _headers.Task;

    public Status GetStatus()
    {
        lock (_gate)
        {
            return _status ?? throw new InvalidOperationException("Unable to get the status because the call is not complete.");
        }
    }

    public Metadata GetTrailers()
    {
        lock (_gate)
        {
            return _status is not null
                ? _trailers
                : throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");
        }
    }

    public void Dispose() => Finish(new Status(StatusCode.Cancelled, "gRPC call disposed."));

    /// <summary>Ends the call, unless it has ended; false if it had.</summary>
    public bool Finish(Status status, Metadata? trailers = null, bool responseRead = false)
    {
        lock (_gate)
        {
            if (_status is not null)
            {
                return false;
            }

            _status = status;
            _trailers = trailers ?? _trailers;
        }

        if (status.StatusCode != StatusCode.OK)
        {
            ClientLog.Failed(Channel.Logger, status.StatusCode, status.Detail, status.DebugException);
        }

        _deadlineTimer?.Dispose();

        // Unregister does not wait: this may run inside the very callback, or while another thread is in it.
        _callerCancels.Unregister();
        _channelDisposed.Unregister();
        if (!responseRead)
        {
            // Resets the HTTP/2 stream, whether it waits for headers, reads or writes.
            _cancel.Cancel();
        }

        OnFinished();
        _headers.TrySetException(Exception());
        _response?.Dispose();
        return true;
    }

    /// <summary>Ends the call for what went wrong with it here.</summary>
    public RpcException Fail(Exception exception, string summary)
    {
        if (exception is RpcException rpc)
        {
            Finish(rpc.Status, rpc.Trailers);
        }
        else
        {
            Finish(TransportStatus.Of(exception, summary));
        }

        return Exception();
    }

    /// <summary>The call's end as an exception, whatever it was.</summary>
    public RpcException Exception() => new(GetStatus(), GetTrailers());

    /// <summary>Takes the response's headers; false if they are the end of the call.</summary>
    protected bool Accept(HttpResponseMessage response)
    {
        _response = response;
        if (TransportStatus.OfHeaders(response) is { } status)
        {
            var headers = TransportStatus.MetadataOf(response.Headers);
            _headers.TrySetResult(headers);
            Finish(status, headers);
            return false;
        }

        _headers.TrySetResult(TransportStatus.MetadataOf(response.Headers));
        if (IsFinished)
        {
            response.Dispose();
            return false;
        }

        return true;
    }

    /// <summary>Ends the call with what the trailers say.</summary>
    protected Status FinishWithTrailers(HttpResponseMessage response)
    {
        Finish(TransportStatus.OfTrailers(response), TransportStatus.MetadataOf(response.TrailingHeaders), responseRead: true);
        return GetStatus();
    }

    /// <summary>Lets go of who waits on this side.</summary>
    protected virtual void OnFinished()
    {
    }

    private void OnDeadlineTimer()
    {
        var rest = (Deadline!.Value - DateTime.UtcNow).TotalMilliseconds;
        if (rest <= 0)
        {
            Finish(new Status(StatusCode.DeadlineExceeded, ""));
            return;
        }

        try
        {
            _deadlineTimer!.Change(Math.Clamp((long)Math.Ceiling(rest), 1, LongestWait), Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended.
        }
    }
}

internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Debug, "Call failed with gRPC error status. Status code: '{StatusCode}', Message: '{Detail}'.")]
    public static partial void Failed(ILogger logger, StatusCode statusCode, string detail, Exception? exception);
}
