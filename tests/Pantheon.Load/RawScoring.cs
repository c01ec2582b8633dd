using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.V1;

namespace Pantheon.Load;

/// <summary>
/// Scoring/Rank with requests encoded beforehand and answers read only as far as their length: the client shares the
/// machine with the server that it measures, so it does as little as it can. Statuses are gRPC's own.
/// </summary>
internal sealed class RawScoring : IDisposable
{
    private static readonly Method<byte[], Answer> Rank = new(
        MethodType.Unary,
        Scoring.Descriptor.FullName,
        "Rank",
        Marshallers.Create<byte[]>((bytes, context) => context.Complete(bytes), _ => throw new NotSupportedException()),
        Marshallers.Create<Answer>((_, _) => throw new NotSupportedException(), context => new Answer(context.PayloadLength)));

    private readonly GrpcChannel[] _channels;
    private readonly CallInvoker[] _invokers;

    /// <summary>A client over <paramref name="connections"/> connections to <paramref name="target"/> (host:port).</summary>
    public RawScoring(string target, int connections)
    {
        _channels = [.. Enumerable.Range(0, connections).Select(_ => GrpcChannel.ForAddress($"http://{target}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
            DisposeHttpClient = true,
        }))];
        _invokers = [.. _channels.Select(channel => channel.CreateCallInvoker())];
    }

    /// <summary>Ranks on one of the connections.</summary>
    /// <param name="sequence">Number of the call; calls go round the connections.</param>
    /// <param name="request">An encoded RankRequest.</param>
    /// <param name="timeout">Deadline from now.</param>
    /// <returns>The status; never throws for one.</returns>
    public async Task<StatusCode> RankAsync(int sequence, byte[] request, TimeSpan timeout)
    {
        try
        {
            using var call = _invokers[sequence % _invokers.Length].AsyncUnaryCall(Rank, null, new CallOptions(deadline: DateTime.UtcNow + timeout), request);
            var answer = await call.ResponseAsync;
            return answer.Length > 0 ? StatusCode.OK : StatusCode.DataLoss;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }

    private sealed record Answer(int Length);
}
