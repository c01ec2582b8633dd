using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>What holds for every call of a channel.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>Bytes of one request; null, the default, for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Bytes of one answer, compressed and inflated alike; default 4 MiB, null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>Where calls that fail are told; default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>What sends requests; default a SocketsHttpHandler of the channel's own, which opens a second connection when one is full.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>What sends requests, in the place of <see cref="HttpHandler"/>.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>Whether the channel disposes the handler or client it was given; its own it always does.</summary>
    public bool DisposeHttpClient { get; set; }
}
