using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Request content-type of '{ContentType}' is not supported.")]
    public static partial void UnsupportedContentType(ILogger logger, string? contentType);

    [LoggerMessage(2, LogLevel.Information, "Request protocol of '{Protocol}' is not supported.")]
    public static partial void UnsupportedProtocol(ILogger logger, string protocol);

    [LoggerMessage(3, LogLevel.Information, "'{Path}' was called: {Detail}")]
    public static partial void Unimplemented(ILogger logger, string path, string detail);

    [LoggerMessage(4, LogLevel.Debug, "Invalid grpc-timeout header value '{Timeout}' has been ignored.")]
    public static partial void InvalidTimeout(ILogger logger, string? timeout);

    [LoggerMessage(5, LogLevel.Debug, "The deadline of '{Method}' passed.")]
    public static partial void DeadlineExceeded(ILogger logger, string method);

    [LoggerMessage(6, LogLevel.Error, "Error when executing service method '{Method}'.")]
    public static partial void Failed(ILogger logger, string method, Exception exception);

    [LoggerMessage(7, LogLevel.Debug, "'{Method}' ended with {StatusCode}.")]
    public static partial void EndedWithStatus(ILogger logger, string method, StatusCode statusCode, Exception exception);

    [LoggerMessage(8, LogLevel.Debug, "'{Method}' was canceled.")]
    public static partial void Canceled(ILogger logger, string method, Exception exception);
}
