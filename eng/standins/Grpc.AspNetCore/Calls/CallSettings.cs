using System.IO.Compression;
using Grpc.Net.Common;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The options as calls read them.</summary>
internal sealed class CallSettings(GrpcServiceOptions options)
{
    public int? MaxReceive { get; } = options.MaxReceiveMessageSize;

    public int? MaxSend { get; } = options.MaxSendMessageSize;

    public bool DetailedErrors { get; } = options.EnableDetailedErrors ?? false;

    public bool CompressAnswers { get; } = options.ResponseCompressionAlgorithm switch
    {
        null or ProtocolHeaders.Identity => false,
        ProtocolHeaders.Gzip => true,
        var other => throw new InvalidOperationException($"The configured response compression algorithm '{other}' does not have a matching compression provider."),
    };

    public CompressionLevel CompressionLevel { get; } = options.ResponseCompressionLevel ?? CompressionLevel.Fastest;
}
