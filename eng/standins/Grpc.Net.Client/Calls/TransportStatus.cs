using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Common;

namespace Grpc.Net.Client.Calls;

/// <summary>What a call ends with, from what HTTP says.</summary>
internal static class TransportStatus
{
    /// <summary>A status in the headers (trailers-only), or the one that another HTTP answer than gRPC's stands for; null to go on.</summary>
    public static Status? OfHeaders(HttpResponseMessage response)
    {
        if (Find(response.Headers) is { } status)
        {
            return status;
        }

        if (response.Version < HttpVersion.Version20)
        {
            return new Status(
                StatusCode.Internal, $"Bad gRPC response. Response protocol downgraded to HTTP/{response.Version.ToString(2)}.");
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Status(OfHttp(response.StatusCode), "Bad gRPC response. HTTP status code: " + (int)response.StatusCode);
        }

        if (!response.Content.Headers.NonValidated.TryGetValues("content-type", out var contentType))
        {
            return new Status(StatusCode.Cancelled, "Bad gRPC response. Response did not have a content-type header.");
        }

        return ProtocolHeaders.IsGrpc(contentType.ToString())
            ? null
            : new Status(StatusCode.Cancelled, "Bad gRPC response. Invalid content-type value: " + contentType);
    }

    public static Status OfTrailers(HttpResponseMessage response) =>
        Find(response.TrailingHeaders) ?? new Status(StatusCode.Cancelled, "No grpc-status found on response.");

    /// <summary>What an exception from HTTP means: the HTTP/2 error code if there is one, UNAVAILABLE for a lost connection.</summary>
    public static Status Of(Exception exception, string summary)
    {
        if (exception is OperationCanceledException)
        {
            return new Status(StatusCode.Cancelled, "", exception);
        }

        var code = StatusCode.Internal;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException protocol)
            {
                code = OfHttp2Error(protocol.ErrorCode);
                break;
            }

            if (cause is SocketException or IOException)
            {
                code = StatusCode.Unavailable;
            }
        }

        return new Status(code, $"{summary} {MessageFrame.Describe(exception)}", exception);
    }

    public static Metadata MetadataOf(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (!ProtocolHeaders.IsReserved(name))
            {
                foreach (var value in values)
                {
                    ProtocolHeaders.AddTo(metadata, name, value);
                }
            }
        }

        return metadata;
    }

    private static Status? Find(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(ProtocolHeaders.Status, out var codes))
        {
            return null;
        }

        if (codes.Count > 1 || !int.TryParse(codes.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            return new Status(StatusCode.Cancelled, "Unexpected grpc-status value: " + codes);
        }

        var message = headers.NonValidated.TryGetValues(ProtocolHeaders.Message, out var messages) ? messages.ToString() : "";
        return new Status((StatusCode)code, StatusMessage.Decode(message));
    }

    private static StatusCode OfHttp(HttpStatusCode status) => (int)status switch
    {
        400 or 431 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        >= 100 and < 200 => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    private static StatusCode OfHttp2Error(long error) => error switch
    {
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };
}
