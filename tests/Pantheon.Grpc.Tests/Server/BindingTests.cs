using System.Buffers;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests.Server;

/// <summary>How services are found, made and called.</summary>
public sealed class BindingTests
{
    [Fact]
    public async Task HandWrittenBase_CustomMarshaller_SeesThePayloadUncopiedAndIsCalled()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<ByteService>());
        using var channel = Channels.Open(server.Address);
        var answer = await channel.CreateCallInvoker()
            .AsyncUnaryCall(ByteServiceBase.Count, null, new CallOptions(), new Bytes(new byte[200_000]));

        // A message of several of Kestrel's buffers comes as several segments: nobody has put it together.
        Assert.Equal(200_000, BitConverter.ToInt32(answer.Value));
        Assert.True(ByteServiceBase.LastSegments > 1, $"{ByteServiceBase.LastSegments} segment");
    }

    [Fact]
    public async Task Singleton_TwoCalls_OneInstanceNotDisposed()
    {
        await using var server = await ProbeServer.StartAsync(
            map: app => app.MapGrpcService<CountingService>(), services: services => services.AddSingleton<CountingService>());
        using var channel = Channels.Open(server.Address);
        var first = await channel.Client().UnaryAsync(new Ask());
        var second = await channel.Client().UnaryAsync(new Ask());
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(0, server.Services.GetRequiredService<CountingService>().Disposals);
    }

    [Fact]
    public async Task NotRegistered_TwoCalls_TwoInstancesEachDisposed()
    {
        var disposed = new DisposalCounter();
        await using var server = await ProbeServer.StartAsync(
            map: app => app.MapGrpcService<DisposableService>(), services: services => services.AddSingleton(disposed));
        using var channel = Channels.Open(server.Address);
        await channel.Client().UnaryAsync(new Ask());
        await channel.Client().UnaryAsync(new Ask());
        Assert.Equal(2, disposed.Count);
    }

    [Fact]
    public async Task Endpoint_Metadata_NamesServiceAndMethod()
    {
        await using var server = await ProbeServer.StartAsync();
        var endpoint = server.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Single(e => e.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName == "/pantheon.grpctests.Probe/Unary");
        Assert.Equal(typeof(ProbeService), endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()!.ServiceType);
        Assert.Equal("gRPC - /pantheon.grpctests.Probe/Unary", endpoint.DisplayName);
    }

    [Fact]
    public void MapGrpcService_WithoutAddGrpc_SaysSo()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddGrpc", Assert.Throws<InvalidOperationException>(() => app.MapGrpcService<ProbeService>()).Message, StringComparison.Ordinal);
    }

    // Upstream maps nothing and says nothing.
    [Fact, Trait("Upstream", "differs")]
    public void MapGrpcService_NoServiceBase_Refused()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddGrpc();
        Assert.Throws<InvalidOperationException>(() => builder.Build().MapGrpcService<Journal>());
    }

    [Fact]
    public async Task IgnoreUnknownServices_UnknownPath_LeftToOthers()
    {
        await using var server = await ProbeServer.StartAsync(options => options.IgnoreUnknownServices = true);
        using var http = Frames.Http();
        using var response = await http.SendAsync(Frames.Request(server.Address, Frames.Frame(new Ask()), "/nobody.Knows/This"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Context_InHandler_TellsTheCall()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<ContextService>());
        using var channel = Channels.Open(server.Address);
        var headers = new Metadata { { "x-one", "1" } };
        var answer = await channel.Client().UnaryAsync(new Ask(), headers);
        Assert.Equal(
            $"/pantheon.grpctests.Probe/Unary|{new Uri(server.Address).Authority}|ipv4:127.0.0.1|1|/pantheon.grpctests.Probe/Unary",
            answer.Text);
    }

    [Fact]
    public async Task Handler_SetsStatus_IsTheCallsStatusWithTrailers()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<StatusService>());
        using var channel = Channels.Open(server.Address);
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.Client().UnaryAsync(new Ask()).ResponseAsync);
        Assert.Equal((StatusCode.AlreadyExists, "set"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("t", error.Trailers.GetValue("x-t"));
    }

    [Fact]
    public async Task Handler_ReturnsNull_Cancelled()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<NullService>());
        using var channel = Channels.Open(server.Address);
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.Client().UnaryAsync(new Ask()).ResponseAsync);
        Assert.Equal((StatusCode.Cancelled, "No message returned from method."), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task ResponseStream_WriteBeforeThePreviousIsDone_Refused()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<OverlappingService>());
        using var channel = Channels.Open(server.Address);
        using var call = channel.Client().ServerStream(new Ask());

        // Not read, so that the first write meets a full window and the second comes while it waits.
        var headers = await call.ResponseHeadersAsync;
        Assert.NotNull(headers);
        var messages = 0;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
                messages++;
            }
        });
        Assert.Equal((StatusCode.Aborted, "Can't write the message because the previous write is in progress."), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Streams_UsedAfterTheHandlerReturned_Refused()
    {
        var journal = new Journal();
        await using var server = await ProbeServer.StartAsync(
            map: app => app.MapGrpcService<StrayService>(), services: services => services.AddSingleton(journal));
        using var channel = Channels.Open(server.Address);
        using var call = channel.Client().Duplex(deadline: DateTime.UtcNow + Time.Limit);
        Assert.False(await call.ResponseStream.MoveNext());
        journal.Write("ended", "");
        Assert.Equal("Can't write the message because the request is complete.", await journal.ReadAsync("write"));
        Assert.Equal("Can't read messages after the request is complete.", await journal.ReadAsync("read"));
    }

    private sealed class StrayService(Journal journal) : Probe.ProbeBase
    {
        public override Task Duplex(
            IAsyncStreamReader<Ask> requestStream, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
        {
            _ = Task.Run(async () =>
            {
                await journal.ReadAsync("ended");
                journal.Write("write", (await Assert.ThrowsAnyAsync<InvalidOperationException>(() => responseStream.WriteAsync(new Answer()))).Message);
                journal.Write("read", (await Assert.ThrowsAnyAsync<InvalidOperationException>(() => requestStream.MoveNext())).Message);
            });
            return Task.CompletedTask;
        }
    }

    private sealed class CountingService : Probe.ProbeBase, IDisposable
    {
        private readonly Guid _id = Guid.NewGuid();

        public int Disposals { get; private set; }

        public override Task<Answer> Unary(Ask request, ServerCallContext context) => Task.FromResult(new Answer { Text = _id.ToString() });

        public void Dispose() => Disposals++;
    }

    private sealed class DisposalCounter
    {
        public int Count;
    }

    private sealed class DisposableService(DisposalCounter counter) : Probe.ProbeBase, IAsyncDisposable
    {
        public override Task<Answer> Unary(Ask request, ServerCallContext context) => Task.FromResult(new Answer());

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref counter.Count);
            return default;
        }
    }

    private sealed class ContextService : Probe.ProbeBase
    {
        public override Task<Answer> Unary(Ask request, ServerCallContext context) => Task.FromResult(new Answer
        {
            Text = $"{context.Method}|{context.Host}|{context.Peer[..context.Peer.LastIndexOf(':')]}|"
                + $"{context.RequestHeaders.GetValue("x-one")}|{context.GetHttpContext().Request.Path}",
        });
    }

    private sealed class StatusService : Probe.ProbeBase
    {
        public override Task<Answer> Unary(Ask request, ServerCallContext context)
        {
            context.Status = new Status(StatusCode.AlreadyExists, "set");
            context.ResponseTrailers.Add("x-t", "t");
            return Task.FromResult(new Answer());
        }
    }

    private sealed class NullService : Probe.ProbeBase
    {
        public override Task<Answer> Unary(Ask request, ServerCallContext context) => Task.FromResult<Answer>(null!);
    }

    private sealed class OverlappingService : Probe.ProbeBase
    {
        public override async Task ServerStream(Ask request, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
        {
            await context.WriteResponseHeadersAsync([]);
            var big = new Answer { Payload = Google.Protobuf.ByteString.CopyFrom(new byte[3_000_000]) };
            var first = responseStream.WriteAsync(big);
            try
            {
                await responseStream.WriteAsync(big);
            }
            catch (InvalidOperationException refused)
            {
                await first;
                throw new RpcException(new Status(StatusCode.Aborted, refused.Message));
            }
        }
    }
}

internal sealed record Bytes(byte[] Value);

/// <summary>A service as one writes it by hand for marshallers of one's own.</summary>
[BindServiceMethod(typeof(ByteServiceBase), nameof(BindService))]
internal abstract class ByteServiceBase
{
    private static readonly Marshaller<Bytes> ByteMarshaller = Marshallers.Create<Bytes>(
        (message, context) =>
        {
            context.SetPayloadLength(message.Value.Length);
            context.GetBufferWriter().Write(message.Value);
            context.Complete();
        },
        context =>
        {
            var payload = context.PayloadAsReadOnlySequence();
            var segments = 0;
            foreach (var _ in payload)
            {
                segments++;
            }

            LastSegments = Math.Max(LastSegments, segments);
            return new Bytes(payload.Length == context.PayloadLength ? payload.ToArray() : []);
        });

    public static readonly Method<Bytes, Bytes> Count =
        new(MethodType.Unary, "pantheon.grpctests.Bytes", "CountBytes", ByteMarshaller, ByteMarshaller);

    public static int LastSegments { get; private set; }

    public abstract Task<Bytes> CountBytes(Bytes request, ServerCallContext context);

    public static void BindService(ServiceBinderBase binder, ByteServiceBase? service) =>
        binder.AddMethod(Count, service is null ? null! : new UnaryServerMethod<Bytes, Bytes>(service.CountBytes));
}

internal sealed class ByteService : ByteServiceBase
{
    public override Task<Bytes> CountBytes(Bytes request, ServerCallContext context) =>
        Task.FromResult(new Bytes(BitConverter.GetBytes(request.Value.Length)));
}
