using Pantheon.Bundles;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;
using Xunit.Abstractions;

namespace Pantheon.Scoring.Tests.Engine;

public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Runs = 200;

    [Theory]
    [InlineData("rank", false)]
    [InlineData("rank", true)]
    [InlineData("rank-tiled", true)]
    [InlineData("texts", false)]
    public async Task RankAsync_Warm_AllocatesTheSameForAnyNumberOfCandidates(string model, bool raw)
    {
        using var service = new TestService(options: new EngineOptions { MaxCandidates = 3000 }, countsMetrics: false);
        switch (model)
        {
            case "texts":
                var vocabulary = new VocabularySpec { File = "items.tsv", Kind = VocabularyKind.String, UnknownRow = 0 };
                var manifest = TestBundles.WithInput(TestBundles.Rank, TestBundles.Rank.Inputs[2] with { Vocabulary = vocabulary });
                service.Serve(manifest with { Model = model }, "rank", ("items.tsv", "raw\trow\na\t1\n"));
                break;
            default:
                service.Serve(model == "rank" ? TestBundles.Rank : TestBundles.RankTiled);
                break;
        }

        var few = await MeasureAsync(service, model, raw, 30);
        var many = await MeasureAsync(service, model, raw, 3000);
        output.WriteLine($"{model}, {(raw ? "raw data" : "typed lists")}: {few} bytes per request of 30 candidates, {many} of 3,000");
        Assert.InRange(many - few, -256, 256);
        // Measured 1,581 bytes for four inputs and two outputs: what ONNX Runtime's binding makes per tensor, and the result.
        Assert.InRange(few, 0, 2048);
    }

    private static async Task<long> MeasureAsync(TestService service, string model, bool raw, int candidates)
    {
        var sample = new Sample(new Random(71), candidates);
        var texts = Enumerable.Repeat("a", candidates).ToArray();
        var total = 0L;
        for (var run = -20; run < Runs; run++)
        {
            // Filling is the decoder's part and not measured here.
            using var query = Fill(service.Ask(model), sample, raw, texts);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var ranking = service.Engine.RankAsync(query.Top(10), long.MaxValue, CancellationToken.None);
            Assert.True(ranking.IsCompletedSuccessfully, "it ran on this thread");
            var outcome = await ranking;
            outcome.Result!.Dispose();
            total += run >= 0 ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
        }

        return total / Runs;
    }

    private static RankQuery Fill(RankQuery query, Sample sample, bool raw, string[] texts)
    {
        if (query.Model != "texts")
        {
            return raw ? sample.Raw(query) : sample.Typed(query);
        }

        return query.Int64s(true, "user_id", 1).Floats(true, "user_dense", sample.UserDense)
            .Texts(false, "item_id", texts).Floats(false, "item_dense", sample.ItemDense);
    }
}
