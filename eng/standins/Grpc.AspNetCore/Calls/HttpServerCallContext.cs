using System.IO.Pipelines;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>
/// One call. It ends exactly once, by its handler or by its deadline (<see cref="TryEnd"/>); <see cref="_gate"/> keeps the
/// deadline's answer from being completed while the handler writes into Kestrel's memory.
/// </summary>
internal sealed class HttpServerCallContext : ServerCallContext
{
    private readonly Lock _gate = new();
    private CallDeadline? _deadline;
    private MessageWriter? _writer;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private Status _status;
    private bool _compress;
    private volatile bool _ended;

    public HttpServerCallContext(HttpContext http, CallSettings settings, ILogger logger)
    {
        Http = http;
        Body = http.Request.BodyReader;
        Settings = settings;
        Logger = logger;
        Reader = new MessageReader(this);
    }

    public HttpContext Http { get; }

    /// <summary>Taken once: a handler's stray task may read after the request, when the HttpContext is another's.</summary>
    public PipeReader Body { get; }

    public bool HasEnded => _ended;

    public CallSettings Settings { get; }

    public ILogger Logger { get; }

    public MessageReader Reader { get; }

    public string? RequestEncoding => Http.Request.Headers[ProtocolHeaders.Encoding] is [var encoding, ..] ? encoding : null;

    protected override string MethodCore => Http.Request.Path.Value ?? "";

    protected override string HostCore => Http.Request.Host.Value ?? "";

    protected override string PeerCore => Http.Connection.RemoteIpAddress is { } address
        ? address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"ipv6:[{address}]:{Http.Connection.RemotePort}"
            : $"ipv4:{address}:{Http.Connection.RemotePort}"
        : "unknown";

    protected override DateTime DeadlineCore => _deadline?.At ?? DateTime.MaxValue;

    protected override CancellationToken CancellationTokenCore => _deadline?.Token ?? Http.RequestAborted;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get => _status; set => _status = value; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override IDictionary<object, object> UserStateCore => Http.Items!;

    public void Start()
    {
        Http.Response.ContentType = ProtocolHeaders.ContentType;
        var headers = Http.Request.Headers;
        if (headers.TryGetValue(ProtocolHeaders.Timeout, out var timeouts))
        {
            if (timeouts is [{ } text] && GrpcTimeout.TryParse(text, out var timeout))
            {
                _deadline = new CallDeadline(this, timeout);
            }
            else
            {
                ServerLog.InvalidTimeout(Logger, timeouts);
            }
        }

        if (Settings.CompressAnswers && AcceptsGzip(headers[ProtocolHeaders.AcceptEncoding]))
        {
            Compress();
        }
    }

    /// <summary>Writes one message, unless the call has ended: then false. The gate is held only while bytes are put into Kestrel's buffers.</summary>
    public async ValueTask<bool> TryWriteMessageAsync<T>(
        T message, Action<T, SerializationContext> serializer, bool flush, CancellationToken cancellationToken = default)
    {
        Task started;
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            started = Http.Response.HasStarted ? Task.CompletedTask : Http.Response.StartAsync(CancellationToken.None);
        }

        await started;
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            var compress = _compress && (WriteOptionsCore?.Flags & WriteFlags.NoCompress) != WriteFlags.NoCompress;
            (_writer ??= new MessageWriter(Settings)).Write(message, serializer, Http.Response.BodyWriter, compress);
        }

        if (flush && (WriteOptionsCore?.Flags & WriteFlags.BufferHint) != WriteFlags.BufferHint)
        {
            await Http.Response.BodyWriter.FlushAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>The one answer of a call; it goes out with the trailers. False if the deadline's answer has been the call's.</summary>
    public ValueTask<bool> TryWriteAnswerAsync<TRequest, TResponse>(TResponse? response, Method<TRequest, TResponse> method)
        where TResponse : class
    {
        if (response is null)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        }

        return TryWriteMessageAsync(response, method.ResponseMarshaller.ContextualSerializer, flush: false);
    }

    /// <summary>What an exception from the handler, or from reading its request, makes of the call.</summary>
    public void Fail(Exception exception)
    {
        if (exception is RpcException rpc)
        {
            ServerLog.EndedWithStatus(Logger, Method, rpc.StatusCode, rpc);
            _status = rpc.Status;
            foreach (var trailer in rpc.Trailers)
            {
                ResponseTrailers.Add(trailer);
            }
        }
        else if (exception is OperationCanceledException or IOException or CallOverException && (_ended || CancellationToken.IsCancellationRequested))
        {
            ServerLog.Canceled(Logger, Method, exception);
            _status = new Status(StatusCode.Cancelled, "Call canceled by the client.", exception);
        }
        else
        {
            ServerLog.Failed(Logger, Method, exception);
            const string Generic = "Exception was thrown by handler.";
            _status = new Status(
                StatusCode.Unknown,
                Settings.DetailedErrors ? $"{Generic} {MessageFrame.Describe(exception)}" : Generic,
                exception);
        }
    }

    /// <summary>Says the status, unless the deadline has; then waits until that answer is out, for Kestrel reuses the request after us.</summary>
    public Task EndAsync()
    {
        if (!TryEnd())
        {
            return EndAfterDeadlineAsync();
        }

        _deadline?.Dispose();
        var trailers = HttpAnswers.TrailersOf(Http.Response);
        if (_responseTrailers is not null)
        {
            HttpAnswers.Append(trailers, _responseTrailers);
        }

        HttpAnswers.SetStatus(trailers, _status);
        return Task.CompletedTask;
    }

    /// <summary>True for the first who asks: the call is then his to end. Whoever is writing has written when this returns.</summary>
    public bool TryEnd()
    {
        lock (_gate)
        {
            var first = !_ended;
            _ended = true;
            return first;
        }
    }

    public Task SendDeadlineExceededAsync()
    {
        ServerLog.DeadlineExceeded(Logger, Method);
        lock (_gate)
        {
            HttpAnswers.SetStatus(
                HttpAnswers.TrailersOf(Http.Response), new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"));
            return Http.Features.Get<IHttpResponseBodyFeature>()!.CompleteAsync();
        }
    }

    /// <summary>
    /// Wakes a handler that waits for the client. Resetting the stream would do so too, but would throw away what of the answer
    /// waits for the client's window, the status last; Kestrel resets an unread request by itself once the handler has returned.
    /// </summary>
    public void StopReading() => Body.CancelPendingRead();

    /// <summary>Abandons the call, by RST_STREAM with CANCEL.</summary>
    public void Abandon()
    {
        if (Http.Features.Get<IHttpResetFeature>() is { } reset)
        {
            reset.Reset(8);
        }
        else
        {
            Http.Abort();
        }
    }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        lock (_gate)
        {
            if (_ended)
            {
                throw CallOverException.ForWrite();
            }

            if (Http.Response.HasStarted)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            if (responseHeaders is not null)
            {
                if (responseHeaders.GetValue(ProtocolHeaders.EncodingRequest) == ProtocolHeaders.Gzip)
                {
                    Compress();
                }

                HttpAnswers.Append(Http.Response.Headers, responseHeaders);
            }

            return Http.Response.BodyWriter.FlushAsync().AsTask();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotImplementedException("This server propagates no context.");

    private static bool AcceptsGzip(Microsoft.Extensions.Primitives.StringValues accepted)
    {
        foreach (var value in accepted)
        {
            foreach (var part in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[part].Trim().SequenceEqual(ProtocolHeaders.Gzip))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Compress()
    {
        _compress = true;
        Http.Response.Headers[ProtocolHeaders.Encoding] = ProtocolHeaders.Gzip;
    }

    private async Task EndAfterDeadlineAsync()
    {
        await _deadline!.Answered;
        _deadline.Dispose();
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in Http.Request.Headers)
        {
            if (!ProtocolHeaders.IsReserved(name))
            {
                ProtocolHeaders.AddTo(metadata, name, values.ToString());
            }
        }

        return metadata;
    }
}
