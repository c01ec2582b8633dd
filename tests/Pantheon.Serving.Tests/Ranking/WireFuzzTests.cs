using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Requests;
using Pantheon.Serving.Ranking;
using Xunit.Abstractions;

namespace Pantheon.Serving.Tests.Ranking;

/// <summary>
/// Mutated requests through the real server: each gets an answer or a status that blames the request, what the generated
/// parser refuses is INVALID_ARGUMENT, and afterwards the process ranks as before, with all memory back.
/// <c>PANTHEON_WIRE_FUZZ</c> sets the number of messages (default 20,000), <c>PANTHEON_FUZZ_SEED</c> the first seed.
/// </summary>
public sealed class WireFuzzTests(ITestOutputHelper output)
{
    private const int Connections = 4;
    private const int CallersPerConnection = 4;
    private const int MessagesPerStream = 500;

    private static readonly int Count = Setting("PANTHEON_WIRE_FUZZ", 20_000);
    private static readonly int FirstSeed = Setting("PANTHEON_FUZZ_SEED", 1);

    private readonly ConcurrentDictionary<StatusCode, int> _statuses = new();
    private int _next;

    [Fact]
    public async Task Serve_MutatedRequests_BlamesThemAndGoesOn()
    {
        using var repository = new TemporaryFolder();
        DemoModel.Shipped.CopyTo(repository.Path);
        // Room in the queue for all that the streams have in flight: a refusal would say nothing about the request.
        await using var service = await ServiceProcess.StartReadyAsync(repository.Path, "Admission:QueueLimit=4096");
        // The first tenth brings memory to where it stays.
        await RunAsync(service, Count / 10);
        _statuses.Clear();
        var before = await MemoryAsync(service);

        await RunAsync(service, Count);

        await service.IdleAsync();
        var after = await MemoryAsync(service);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} messages: {string.Join(", ", _statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"))}; memory in MB, before: {before}, after: {after}"));
        // The collector may let the heap grow by a few of its regions; a leak of a tenth of the messages would be more.
        Assert.True(after.Resident < (before.Resident * 1.25) + 32, $"{before}, then {after}");
        Assert.Empty(service.Errors);
        Assert.True(_statuses.GetValueOrDefault(StatusCode.OK) > Count / 20 && _statuses.GetValueOrDefault(StatusCode.InvalidArgument) > Count / 20);
        await RanksAsync(service);
    }

    private static async Task<Memory> MemoryAsync(ServiceProcess service) => new(
        Math.Round(await service.MetricAsync("process_resident_memory_bytes") / 1e6),
        Math.Round(await service.MetricAsync("dotnet_gc_last_collection_memory_committed_size_bytes") / 1e6),
        Math.Round(await service.MetricAsync("pantheon_buffers_idle_bytes") / 1e6));

    private async Task RunAsync(ServiceProcess service, int count)
    {
        _next = 0;
        var channels = Enumerable.Range(0, Connections).Select(_ => service.NewChannel()).ToList();
        await Task.WhenAll(channels.SelectMany(channel => Enumerable.Range(0, CallersPerConnection)
            .Select(caller => Task.Run(() => caller % 2 == 0 ? CallAsync(channel, count) : StreamAsync(channel, count)))));
        channels.ForEach(channel => channel.Dispose());
    }

    private async Task CallAsync(GrpcChannel channel, int count)
    {
        var invoker = channel.CreateCallInvoker();
        while (Interlocked.Increment(ref _next) is var number && number <= count)
        {
            var bytes = new DemoMutator(FirstSeed + number).Request();
            var status = Status.DefaultSuccess;
            try
            {
                await invoker.AsyncUnaryCall(RawMethods.Rank, null, new CallOptions(deadline: DateTime.UtcNow + Poll.Limit), bytes);
            }
            catch (RpcException error)
            {
                status = error.Status;
            }

            Judge(number, Parses(RankRequest.Parser, bytes), status.StatusCode, status.Detail);
        }
    }

    // Answers tell which request they are for by an id that the mutator may have broken, so they are judged together.
    private async Task StreamAsync(GrpcChannel channel, int count)
    {
        while (Volatile.Read(ref _next) < count)
        {
            using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(RawMethods.RankStream, null, new CallOptions(deadline: DateTime.UtcNow + Poll.Limit));
            var pool = new RankQueryPool(new PinnedPool());
            var unparsable = 0;
            var sent = 0;
            var writing = Task.Run(async () =>
            {
                while (sent < MessagesPerStream && Interlocked.Increment(ref _next) is var number && number <= count)
                {
                    var bytes = new DemoMutator(FirstSeed + number).StreamRequest();
                    // Our own decoder says which are no messages: the generated parser, against which another test holds it, may
                    // count texts that are not UTF-8 as such.
                    using (var query = RankDecoder.DecodeStreamRequest(new ReadOnlySequence<byte>(bytes), pool))
                    {
                        unparsable += IsNoMessage(query.DecodeFault?.Message) ? 1 : 0;
                    }

                    sent++;
                    await call.RequestStream.WriteAsync(bytes);
                }

                await call.RequestStream.CompleteAsync();
            });
            var (answered, refused) = (0, 0);
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                answered++;
                var error = call.ResponseStream.Current.Error;
                Judge(0, parses: true, (StatusCode)(error?.Code ?? 0), error?.Message ?? "", isStream: true);
                refused += IsNoMessage(error?.Message) ? 1 : 0;
            }

            await writing;
            Assert.Equal((sent, unparsable), (answered, refused));
        }
    }

    private static bool IsNoMessage(string? fault) =>
        fault?.StartsWith("RankStreamRequest: got bytes that are no protobuf message", StringComparison.Ordinal) == true;

    private void Judge(int number, bool parses, StatusCode status, string detail, bool isStream = false)
    {
        _statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
        var isFair = status switch
        {
            StatusCode.OK => parses,
            StatusCode.InvalidArgument => true,
            StatusCode.NotFound or StatusCode.FailedPrecondition => parses,
            StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted => parses && isStream,
            // Finite numbers large enough make the graph overflow, which the demo's policy is to report.
            StatusCode.Internal => parses && detail.Contains("score of the candidate at position", StringComparison.Ordinal),
            _ => false,
        };
        Assert.True(isFair, $"seed {FirstSeed + number}: {status}: {detail}; the generated parser {(parses ? "reads" : "refuses")} it");
    }

    private static async Task RanksAsync(ServiceProcess service)
    {
        var golden = DemoModel.Shipped.Goldens[0];
        var answer = await new ScoringClient(service.Channel).RankAsync(DemoModel.Shipped.Request(golden), deadline: DateTime.UtcNow + Poll.Limit);
        Assert.All(answer.Items, item => Assert.Equal(DemoModel.Shipped.Scores(golden)[item.Position], item.RawScore, 1e-5));
    }

    private static bool Parses<T>(MessageParser<T> parser, byte[] bytes)
        where T : IMessage<T>
    {
        try
        {
            parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static int Setting(string name, int fallback) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : fallback;

    /// <summary>In MB: of the process, committed by the collector, and in that lying idle in the pool of pinned buffers.</summary>
    private sealed record Memory(double Resident, double Committed, double Idle);
}
