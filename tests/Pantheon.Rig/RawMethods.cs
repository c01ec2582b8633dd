using Grpc.Core;
using Pantheon.Contracts.V1;

namespace Pantheon.Rig;

/// <summary>The service's methods for requests that are bytes, right or wrong.</summary>
public static class RawMethods
{
    public static readonly Method<byte[], RankResponse> Rank = new(
        MethodType.Unary, Scoring.Descriptor.FullName, nameof(Rank), Bytes, Parsed(RankResponse.Parser.ParseFrom));

    public static readonly Method<byte[], RankStreamResponse> RankStream = new(
        MethodType.DuplexStreaming, Scoring.Descriptor.FullName, nameof(RankStream), Bytes, Parsed(RankStreamResponse.Parser.ParseFrom));

    /// <summary>A method that the service lacks.</summary>
    public static readonly Method<byte[], RankResponse> Missing = new(
        MethodType.Unary, Scoring.Descriptor.FullName, nameof(Missing), Bytes, Parsed(RankResponse.Parser.ParseFrom));

    private static Marshaller<byte[]> Bytes => Marshallers.Create(static bytes => bytes, static bytes => bytes);

    private static Marshaller<T> Parsed<T>(Func<byte[], T> parse) =>
        Marshallers.Create<T>(static _ => throw new NotSupportedException("a client reads answers"), parse);
}
