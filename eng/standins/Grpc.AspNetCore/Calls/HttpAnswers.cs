using Grpc.Core;
using Grpc.Net.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Statuses as HTTP carries them, and what is answered to requests that are no gRPC calls.</summary>
internal static class HttpAnswers
{
    private static readonly string[] Codes = [.. Enumerable.Range(0, 17).Select(code => code.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>False, and answered, when the request is not gRPC over HTTP/2 or later.</summary>
    public static bool AcceptsAsGrpc(HttpContext http, ILogger logger)
    {
        if (!ProtocolHeaders.IsGrpc(http.Request.ContentType))
        {
            ServerLog.UnsupportedContentType(logger, http.Request.ContentType);
            Refuse(http.Response, StatusCodes.Status415UnsupportedMediaType, http.Request.ContentType is null
                ? "Content-Type is missing from the request."
                : $"Content-Type '{http.Request.ContentType}' is not supported.");
            return false;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            ServerLog.UnsupportedProtocol(logger, http.Request.Protocol);
            Refuse(http.Response, StatusCodes.Status426UpgradeRequired, $"Request protocol '{http.Request.Protocol}' is not supported.");
            http.Response.Headers.Upgrade = "HTTP/2";
            return false;
        }

        return true;
    }

    /// <summary>Where the status goes: the headers of an answer not yet begun (trailers-only), else its trailers.</summary>
    public static IHeaderDictionary TrailersOf(HttpResponse response)
    {
        if (!response.HasStarted)
        {
            return response.Headers;
        }

        return response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers
            ? trailers
            : throw new InvalidOperationException("Trailers are not supported for this response. The server may not support gRPC.");
    }

    public static void SetStatus(IHeaderDictionary trailers, in Status status)
    {
        var code = (int)status.StatusCode;
        trailers[ProtocolHeaders.Status] = (uint)code < (uint)Codes.Length
            ? Codes[code]
            : code.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(status.Detail))
        {
            trailers[ProtocolHeaders.Message] = StatusMessage.Encode(status.Detail);
        }
    }

    public static void Append(IHeaderDictionary headers, Metadata metadata)
    {
        for (var i = 0; i < metadata.Count; i++)
        {
            var entry = metadata[i];
            if (!ProtocolHeaders.IsReserved(entry.Key))
            {
                headers.Append(entry.Key, ProtocolHeaders.ValueOnWire(entry));
            }
        }
    }

    private static void Refuse(HttpResponse response, int httpStatus, string detail)
    {
        response.StatusCode = httpStatus;
        SetStatus(TrailersOf(response), new Status(StatusCode.Internal, detail));
    }
}
