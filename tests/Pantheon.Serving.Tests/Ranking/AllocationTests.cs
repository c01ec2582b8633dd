using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using Xunit.Abstractions;

namespace Pantheon.Serving.Tests.Ranking;

/// <summary>What the whole server allocates per request, as its own metric tells: sockets, HTTP/2, gRPC, decoder, engine.</summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Requests = 400;

    [Fact]
    public async Task Rank_AHundredTimesTheCandidates_AllocatesTheSame()
    {
        using var repository = new TemporaryFolder();
        DemoModel.Shipped.CopyTo(repository.Path);
        await using var service = await ServiceProcess.StartReadyAsync(repository.Path);
        var small = Request(30);
        var large = Request(3000);
        await MeasureAsync(service, small);
        await MeasureAsync(service, large);

        var bySmall = await MeasureAsync(service, small);
        var byLarge = await MeasureAsync(service, large);

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"30 candidates ({small.Length} bytes): {bySmall:F0} bytes a request; 3,000 ({large.Length} bytes): {byLarge:F0}"));
        // A larger message comes in more frames, each of which costs Kestrel a little; 2970 candidates more cost 71 KB on the wire.
        Assert.True(byLarge - bySmall < 4096, $"30 candidates: {bySmall} bytes a request; 3,000: {byLarge}");
    }

    private static byte[] Request(int candidates)
    {
        var request = DemoModel.Shipped.Request(DemoModel.Shipped.Goldens[0], ValueForm.Data, candidates);
        request.Output = new OutputOptions { Pxtrs = true };
        request.TopK = 10;
        return request.ToByteArray();
    }

    private static async Task<double> MeasureAsync(ServiceProcess service, byte[] request)
    {
        var invoker = service.Channel.CreateCallInvoker();
        var before = await service.MetricAsync("dotnet_gc_heap_total_allocated_bytes_total");
        for (var i = 0; i < Requests; i++)
        {
            await invoker.AsyncUnaryCall(RawMethods.Rank, null, new CallOptions(deadline: DateTime.UtcNow + Poll.Limit), request);
        }

        return (await service.MetricAsync("dotnet_gc_heap_total_allocated_bytes_total") - before) / Requests;
    }
}
