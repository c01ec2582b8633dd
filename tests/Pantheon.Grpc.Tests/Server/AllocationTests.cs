using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Pantheon.Grpc.Tests.Foreign;
using Xunit.Abstractions;

namespace Pantheon.Grpc.Tests.Server;

/// <summary>What a call allocates does not grow with its message, where the marshaller allocates nothing.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Unary_OneMegabyteBothWays_AllocatesAboutWhatOneKilobyteDoes()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<BlobService>());
        using var channel = Channels.Open(server.Address);
        var invoker = channel.CreateCallInvoker();
        var small = await MeasureAsync(invoker, new Blob(1000));
        var large = await MeasureAsync(invoker, new Blob(1_000_000));

        output.WriteLine($"{small} bytes a call of 1 kB, {large} of 1 MB.");

        // Client and server together, in one process. A copy of the message anywhere would be a megabyte.
        Assert.True(large < small + 100_000, $"{small} bytes a call of 1 kB, {large} of 1 MB.");
        Assert.True(small < 20_000, $"{small} bytes a call of 1 kB.");
    }

    [Fact]
    public async Task Unary_ClientElsewhere_ServerAllocatesLittleWhateverTheSize()
    {
        await using var server = await ProbeServer.StartAsync(map: app => app.MapGrpcService<BlobService>());
        using var client = await ForeignTools.StartAsync("load.py", new Uri(server.Address).Authority, "/pantheon.grpctests.Blobs/SameBlob");
        var small = await MeasureAsync(client, 1000);
        var large = await MeasureAsync(client, 1_000_000);
        client.StandardInput.Close();
        await client.WaitForExitAsync();
        output.WriteLine($"The server alone: {small} bytes a call of 1 kB, {large} of 1 MB.");
        Assert.True(large < small + 50_000, $"{small} bytes a call of 1 kB, {large} of 1 MB.");
        Assert.True(small < 8_000, $"{small} bytes a call of 1 kB.");
    }

    private static async Task<long> MeasureAsync(Process client, int size)
    {
        const int Calls = 200;
        var lowest = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await client.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Calls} {size}"));
            await client.StandardInput.FlushAsync();
            Assert.Equal("done", await client.StandardOutput.ReadLineAsync().WaitAsync(Time.Limit));
            lowest = Math.Min(lowest, (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls);
        }

        return lowest;
    }

    private static async Task<long> MeasureAsync(CallInvoker invoker, Blob blob)
    {
        const int Calls = 200;
        var lowest = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Calls; i++)
            {
                Assert.Equal(blob.Length, (await invoker.AsyncUnaryCall(BlobServiceBase.Same, null, default, blob)).Length);
            }

            lowest = Math.Min(lowest, (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls);
        }

        return lowest;
    }
}

/// <summary>Some bytes, of which only the number matters.</summary>
internal sealed record Blob(int Length);

[BindServiceMethod(typeof(BlobServiceBase), nameof(BindService))]
internal abstract class BlobServiceBase
{
    private static readonly Marshaller<Blob> BlobMarshaller = Marshallers.Create<Blob>(
        (message, context) =>
        {
            context.SetPayloadLength(message.Length);
            var writer = context.GetBufferWriter();
            for (var left = message.Length; left > 0;)
            {
                var span = writer.GetSpan();
                var count = Math.Min(left, span.Length);
                span[..count].Clear();
                writer.Advance(count);
                left -= count;
            }

            context.Complete();
        },
        context => new Blob((int)context.PayloadAsReadOnlySequence().Length));

    public static readonly Method<Blob, Blob> Same = new(MethodType.Unary, "pantheon.grpctests.Blobs", "SameBlob", BlobMarshaller, BlobMarshaller);

    public abstract Task<Blob> SameBlob(Blob request, ServerCallContext context);

    public static void BindService(ServiceBinderBase binder, BlobServiceBase? service) =>
        binder.AddMethod(Same, service is null ? null! : new UnaryServerMethod<Blob, Blob>(service.SameBlob));
}

internal sealed class BlobService : BlobServiceBase
{
    public override Task<Blob> SameBlob(Blob request, ServerCallContext context) => Task.FromResult(request);
}
