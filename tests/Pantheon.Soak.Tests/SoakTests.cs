using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Load;
using Pantheon.Rig;
using Xunit.Abstractions;

namespace Pantheon.Soak.Tests;

/// <summary>A minute at half of capacity; a quarter of an hour is <c>./measure.sh soak</c>.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Attempts = 4;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Rank_AMinuteAtHalfOfCapacity_NoFailureAndMemoryStays()
    {
        var request = JsonParser.Default.Parse<RankRequest>(
            await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "models", DemoModel.Name, "request.json")));
        await using var service = await ServiceProcess.StartReadyAsync(Path.Combine(SourceTree.Root, "models"), $"DefaultModel={DemoModel.Name}");
        using var client = new RawScoring(service.Target, connections: 4);
        using var report = new StringWriter();

        // A shared machine may lose half of its speed right after it was measured. Then it was no soak at half of capacity, and
        // another one is made; a failure of any other kind is a failure at once.
        var result = SoakResult.Overloaded;
        for (var attempt = 0; attempt < Attempts && result == SoakResult.Overloaded; attempt++)
        {
            // On the thread pool: the test framework's own context would be one more queue before each request.
            result = await Task.Run(() => new Load.Soak(client, request.ToByteArray(), Deadline)
                .RunAsync(perSecond: null, share: 0.5, WarmUp, Duration, service.Id, report));
        }

        output.WriteLine(report.ToString());
        Assert.True(result == SoakResult.Passed, report.ToString());
        await service.IdleAsync();
        Assert.Empty(service.Errors);
    }
}
