using System.Net;
using Grpc.Core;
using Grpc.Net.Common;

namespace Grpc.Net.Client.Calls;

/// <summary>One call with its messages.</summary>
internal sealed class GrpcCall<TRequest, TResponse>(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options)
    : ClientCall(channel, options)
    where TRequest : class
    where TResponse : class
{
    private const string StartFailed = "Error starting gRPC call.";

    private StreamContent<TRequest, TResponse>? _requests;

    public Method<TRequest, TResponse> Method => method;

    /// <summary>What the caller asked requests to be compressed with, or null.</summary>
    public string? RequestEncoding { get; } = options.Headers?.GetValue(ProtocolHeaders.EncodingRequest);

    /// <summary>Sends, and reads the one response.</summary>
    public Task<TResponse> StartForOne(HttpContent content) => ReadOneAsync(SendAsync(content));

    /// <summary>Sends; the responses are then read one by one.</summary>
    public IAsyncStreamReader<TResponse> StartForMany(HttpContent content)
    {
        _requests = content as StreamContent<TRequest, TResponse>;
        return new ResponseStream<TRequest, TResponse>(this, SendAsync(content));
    }

    public new Status FinishWithTrailers(HttpResponseMessage response) => base.FinishWithTrailers(response);

    protected override void OnFinished() => _requests?.Abandon();

    private async Task<TResponse> ReadOneAsync(Task<HttpResponseMessage?> sent)
    {
        if (await sent.ConfigureAwait(false) is not { } response)
        {
            // OK without a message, in headers alone, is no answer to a unary call.
            throw GetStatus().StatusCode == StatusCode.OK ? NoMessage() : Exception();
        }

        TResponse? message;
        try
        {
            using var reader = await ResponseReader.OpenAsync(response, Channel.MaxReceive, Cancelled).ConfigureAwait(false);
            message = await reader.ReadAsync(method.ResponseMarshaller.ContextualDeserializer, Cancelled).ConfigureAwait(false);
            if (message is not null
                && await reader.ReadAsync(method.ResponseMarshaller.ContextualDeserializer, Cancelled).ConfigureAwait(false) is not null)
            {
                throw new InvalidDataException("Unexpected data after finished reading message.");
            }
        }
        catch (Exception exception)
        {
            throw Fail(exception, StartFailed);
        }

        if (FinishWithTrailers(response).StatusCode != StatusCode.OK)
        {
            throw Exception();
        }

        return message ?? throw NoMessage();

        RpcException NoMessage() => new(new Status(StatusCode.Internal, "Failed to deserialize response message."), GetTrailers());
    }

    /// <summary>The response, once its headers are there; null if the call has ended.</summary>
    private async Task<HttpResponseMessage?> SendAsync(HttpContent content)
    {
        if (IsFinished)
        {
            return null;
        }

        try
        {
            var response = await Channel.Invoker.SendAsync(CreateRequest(content), Cancelled).ConfigureAwait(false);
            return Accept(response) ? response : null;
        }
        catch (Exception exception)
        {
            Fail(exception, StartFailed);
            return null;
        }
    }

    private HttpRequestMessage CreateRequest(HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Channel.Address, method.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("user-agent", UserAgent);
        headers.TryAddWithoutValidation(ProtocolHeaders.AcceptEncoding, ProtocolHeaders.Accepted);
        if (RequestEncoding is not null)
        {
            headers.TryAddWithoutValidation(ProtocolHeaders.Encoding, RequestEncoding);
        }

        if (Deadline is { } deadline)
        {
            headers.TryAddWithoutValidation(ProtocolHeaders.Timeout, GrpcTimeout.Format(deadline - DateTime.UtcNow));
        }

        if (Options.Headers is { } metadata)
        {
            foreach (var entry in metadata)
            {
                if (!ProtocolHeaders.IsReserved(entry.Key))
                {
                    headers.TryAddWithoutValidation(entry.Key, ProtocolHeaders.ValueOnWire(entry));
                }
            }
        }

        return request;
    }

    private static readonly string UserAgent = $"grpc-dotnet-pantheon/{typeof(GrpcChannel).Assembly.GetName().Version?.ToString(3)}";
}
