using System.Net;
using System.Net.Http.Headers;
using Grpc.Net.Common;

namespace Grpc.Net.Client.Calls;

/// <summary>One request message. Serialized when it is sent, which may be more than once: the handler retries on a dead connection.</summary>
internal sealed class UnaryContent<TRequest, TResponse> : HttpContent
    where TRequest : class
    where TResponse : class
{
    private readonly GrpcCall<TRequest, TResponse> _call;
    private readonly TRequest _request;

    public UnaryContent(GrpcCall<TRequest, TResponse> call, TRequest request)
    {
        _call = call;
        _request = request;
        Headers.ContentType = new MediaTypeHeaderValue(ProtocolHeaders.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        MessageBuffer message;
        try
        {
            message = MessageBuffer.Serialize(_call, _request, _call.Options.WriteOptions);
        }
        catch (Exception exception)
        {
            // Told here, before the handler wraps it in something of its own.
            throw _call.Fail(exception, "Error starting gRPC call.");
        }

        using (message)
        {
            await stream.WriteAsync(message.Framed, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
