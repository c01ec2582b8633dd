using System.IO.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>What holds for every call of every service.</summary>
public class GrpcServiceOptions
{
    /// <summary>Bytes of one answer; null, the default, for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Bytes of one request, compressed and inflated alike; default 4 MiB, null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>Whether an unexpected exception's text goes to the client; default no.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>"gzip" to compress answers to clients that accept it; default null, uncompressed.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>Default null: <see cref="CompressionLevel.Fastest"/>.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>Whether calls of unknown services and methods are left to other endpoints instead of answered UNIMPLEMENTED.</summary>
    public bool? IgnoreUnknownServices { get; set; }
}

/// <summary>What AddGrpc returns.</summary>
public interface IGrpcServerBuilder
{
    Microsoft.Extensions.DependencyInjection.IServiceCollection Services { get; }
}

/// <summary>On each gRPC endpoint: which service and method it is.</summary>
public sealed class GrpcMethodMetadata(Type serviceType, Grpc.Core.IMethod method)
{
    public Type ServiceType { get; } = serviceType;

    public Grpc.Core.IMethod Method { get; } = method;
}
