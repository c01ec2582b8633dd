using Grpc.Core;
using Pantheon.Scoring.Requests;
using WireScoring = Pantheon.Contracts.V1.Scoring;

namespace Pantheon.Serving.Ranking;

/// <summary>
/// The Scoring service of scoring.proto with our own reader and writer in place of the generated messages: a request of
/// 300 candidates x 128 features costs the generated message 160 KB on the heap, and ours a copy into pooled memory.
/// </summary>
internal static class ScoringMethods
{
    public static readonly Method<RankQuery, RankReply> Rank = new(
        MethodType.Unary, WireScoring.Descriptor.FullName, nameof(Rank), ReadOnly(DecodeOwned), WriteOnly<RankReply>(RankReply.Serialize));

    public static readonly Method<RankQuery, RankStreamReply> RankStream = new(
        MethodType.DuplexStreaming,
        WireScoring.Descriptor.FullName,
        nameof(RankStream),
        ReadOnly(RankDecoder.DecodeStreamRequest),
        WriteOnly<RankStreamReply>(RankStreamReply.Serialize));

    private static readonly HttpContextAccessor Calls = new();

    private delegate RankQuery Decode(System.Buffers.ReadOnlySequence<byte> payload, RankQueryPool pool);

    /// <summary>Called by the gRPC server, which finds it through the attribute on <see cref="ScoringBase"/>.</summary>
    public static void BindService(ServiceBinderBase binder, ScoringBase? service)
    {
        binder.AddMethod(Rank, service is null ? null : new UnaryServerMethod<RankQuery, RankReply>(service.Rank));
        binder.AddMethod(RankStream, service is null ? null : new DuplexStreamingServerMethod<RankQuery, RankStreamReply>(service.RankStream));
    }

    // The call owns its request from here on, not from the service's method on: a caller that resets the stream after the
    // message, but before its end, never gets that far.
    private static RankQuery DecodeOwned(System.Buffers.ReadOnlySequence<byte> payload, RankQueryPool pool)
    {
        var call = Calls.HttpContext ?? throw new InvalidOperationException("no call that could own the request: AddHttpContextAccessor is missing");
        var query = RankDecoder.DecodeRequest(payload, pool);
        call.Response.RegisterForDispose(query);
        return query;
    }

    private static Marshaller<RankQuery> ReadOnly(Decode decode) => new(
        static (_, _) => throw new NotSupportedException("the server reads requests"),
        context => decode(context.PayloadAsReadOnlySequence(), RankQueryPool.Shared));

    private static Marshaller<T> WriteOnly<T>(Action<T, SerializationContext> serialize) => new(
        serialize, static _ => throw new NotSupportedException("the server writes answers"));
}

/// <summary>What <see cref="ScoringService"/> implements; the gRPC server binds its virtual methods by name.</summary>
[BindServiceMethod(typeof(ScoringMethods), nameof(ScoringMethods.BindService))]
internal abstract class ScoringBase
{
    public virtual Task<RankReply> Rank(RankQuery query, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, ""));

    public virtual Task RankStream(
        IAsyncStreamReader<RankQuery> requests, IServerStreamWriter<RankStreamReply> replies, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, ""));
}
