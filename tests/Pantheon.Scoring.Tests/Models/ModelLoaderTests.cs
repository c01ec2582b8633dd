using System.Text;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Models;

public sealed class ModelLoaderTests : IDisposable
{
    private readonly TestBundles _bundles = new();
    private readonly PinnedPool _memory = new();
    private readonly ModelLoader _loader;

    public ModelLoaderTests() => _loader = LoaderOf(new EngineOptions { MaxCandidates = 16 });

    public void Dispose()
    {
        _bundles.Dispose();
        Assert.Equal(0, _memory.OutstandingBytes);
    }

    [Fact]
    public void Load_GoodBundle_IsWarmAtEverySize()
    {
        using var model = Load(_bundles.Publish(TestBundles.Rank, null, Golden()));
        Assert.Equal(("rank", 1L), (model.Name, model.Version));
        for (var size = 1; size <= 16; size *= 2)
        {
            Assert.True(model.ServiceTimes.Estimate(size).IsKnown);
        }
    }

    [Fact]
    public void Load_GoldenOutputDiffers_SaysWhereAndByHowMuch()
    {
        // The seventh candidate's second Pxtr of the second request, off by a ten-thousandth.
        var golden = System.Text.Json.Nodes.JsonNode.Parse(Golden().Content)!;
        var column = golden["requests"]![1]!["pxtr"]![6]!.AsArray();
        column[1] = column[1]!.GetValue<double>() + 1e-4;
        var directory = _bundles.Publish(TestBundles.Rank, null, ("golden.json", golden.ToJsonString()));
        var message = Refused(directory);
        Assert.StartsWith($"{directory}: golden request 1, output 'pxtr', candidate 6, column 1: this machine computes ", message, StringComparison.Ordinal);
        Assert.EndsWith(" (tolerance 1E-05)", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2e-4, true)]
    [InlineData(5e-5, false)]
    public void Load_GoldenOutputDiffers_IsHeldAgainstTheTolerance(double tolerance, bool loads)
    {
        var golden = System.Text.Json.Nodes.JsonNode.Parse(Golden().Content)!;
        // A probability: its tolerance is absolute.
        var pxtrs = golden["requests"]![0]!["pxtr"]![0]!.AsArray();
        pxtrs[0] = pxtrs[0]!.GetValue<double>() + 1e-4;
        var directory = _bundles.Publish(TestBundles.Rank, null, ("golden.json", golden.ToJsonString()));
        var loader = LoaderOf(new EngineOptions { MaxCandidates = 2, GoldenTolerance = tolerance });
        if (loads)
        {
            loader.Load(directory, CancellationToken.None).Dispose();
        }
        else
        {
            Assert.Throws<BundleException>(() => loader.Load(directory, CancellationToken.None));
        }
    }

    [Fact]
    public void Load_TypeDiffersFromTheGraph_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.WithInput(TestBundles.Rank, TestBundles.Candidate("item_dense", ElementType.Int64, 2)), "rank");
        Assert.Equal($"{ModelFile(directory)}: input 'item_dense': the graph has Float, the manifest says Int64", Refused(directory));
    }

    [Fact]
    public void Load_ShapeDiffersFromTheGraph_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.WithInput(TestBundles.Rank, TestBundles.Candidate("item_dense", ElementType.Float, 3)), "rank");
        Assert.Equal($"{ModelFile(directory)}: input 'item_dense': the graph has shape [?, 2], the manifest says [?, 3]", Refused(directory));
    }

    [Fact]
    public void Load_RankDiffersFromTheGraph_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.WithInput(TestBundles.Rank, TestBundles.Candidate("item_id", ElementType.Int64, 1)), "rank");
        Assert.Equal($"{ModelFile(directory)}: input 'item_id': the graph has shape [?], the manifest says [?, 1]", Refused(directory));
    }

    [Fact]
    public void Load_GraphFixesTheCandidates_IsRefused()
    {
        // The broadcast graph's user input is [1, 4]; a manifest that calls it tiled would run into it at two candidates.
        var directory = _bundles.Publish(TestBundles.WithInput(TestBundles.Rank, TestBundles.User("user_dense", ElementType.Float, null, 4)), "rank");
        Assert.Equal($"{ModelFile(directory)}: input 'user_dense': the graph has shape [1, 4], the manifest says [?, 4]", Refused(directory));
    }

    [Fact]
    public void Load_GraphWantsMoreInputs_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.Rank with { Inputs = [.. TestBundles.Rank.Inputs.Where(input => input.Name != "user_dense")] });
        Assert.Equal($"{ModelFile(directory)}: the graph wants input 'user_dense', which the manifest does not list", Refused(directory));
    }

    [Fact]
    public void Load_GraphHasNoSuchInput_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.Rank with { Inputs = [.. TestBundles.Rank.Inputs, TestBundles.Candidate("price", ElementType.Float)] });
        Assert.StartsWith($"{ModelFile(directory)}: the graph has no input 'price'", Refused(directory), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_GraphHasNoSuchOutput_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.Echo with { Outputs = [TestBundles.Echo.Outputs[0] with { Name = "fused" }] });
        Assert.StartsWith($"{ModelFile(directory)}: the graph has no output 'fused'", Refused(directory), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OutputHasAnotherShape_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.Echo with { Outputs = [TestBundles.Echo.Outputs[0] with { Shape = [null, 1] }] });
        Assert.Equal($"{ModelFile(directory)}: output 'score': the graph has shape [?], the manifest says [?, 1]", Refused(directory));
    }

    [Fact]
    public void Load_FileIsNoGraph_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.Echo, "not-onnx");
        Assert.StartsWith($"{ModelFile(directory)}: ", Refused(directory), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ExternalData_IsReadFromTheBundle()
    {
        using var model = Load(_bundles.Publish(TestBundles.External, "external", "weights.bin", Weights()));
        Assert.Equal("external", model.Name);
    }

    [Fact]
    public void Load_ExternalDataMissing_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.External);
        Assert.Equal(
            $"{ModelFile(directory)}: external data file 'weights.bin' is not among the manifest's files", Refused(directory));
    }

    [Fact]
    public void Load_ExternalDataTooShort_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.External, "external", "weights.bin", Weights()[..1000]);
        Assert.StartsWith($"{ModelFile(directory)}: ", Refused(directory), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileChangedAfterPublishing_IsRefused()
    {
        var directory = _bundles.Publish(TestBundles.Echo);
        var bytes = File.ReadAllBytes(ModelFile(directory));
        bytes[^1] ^= 1;
        File.WriteAllBytes(ModelFile(directory), bytes);
        Assert.Contains("sha256", Refused(directory), StringComparison.Ordinal);
    }

    // It once failed with an overflow in the middle of the warm-up, and kept the memory of the tensors before.
    [Theory]
    [InlineData(1 << 24, 4096)]
    [InlineData(1 << 19, 1024)]
    public void Load_TensorTooLargeAtMostCandidates_IsRefused(int width, int maxCandidates)
    {
        var directory = _bundles.Publish(TestBundles.WithInput(TestBundles.WideTiled, TestBundles.User("user", ElementType.Float, null, width)), "wide-tiled");
        var error = Assert.Throws<BundleException>(
            () => LoaderOf(new EngineOptions { MaxCandidates = maxCandidates }).Load(directory, CancellationToken.None));
        Assert.Equal(
            $"{directory}: input 'user' takes {4L * width * maxCandidates} bytes at {maxCandidates} candidates, expected at most 1073741824", error.Message);
        Assert.Equal(0, _memory.OutstandingBytes);
    }

    [Fact]
    public void Load_Cancelled_GivesUp()
    {
        var directory = _bundles.Publish(TestBundles.Rank);
        Assert.Throws<OperationCanceledException>(() => _loader.Load(directory, new CancellationToken(true)));
    }

    // Each fails at another stage: at the graph, at the manifest's shapes, at the golden requests, at the first run.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Load_FailsFiftyTimes_KeepsNoMemory(int stage)
    {
        var golden = System.Text.Json.Nodes.JsonNode.Parse(Golden().Content)!;
        golden["requests"]![2]!["score"]![32] = 1e6;
        var directory = stage switch
        {
            0 => _bundles.Publish(TestBundles.Echo, "not-onnx"),
            1 => _bundles.Publish(TestBundles.WithInput(TestBundles.Rank, TestBundles.Candidate("item_dense", ElementType.Float, 3)), "rank"),
            2 => _bundles.Publish(TestBundles.Rank, null, ("golden.json", golden.ToJsonString())),
            // Row 1,000 of a table of 100.
            _ => _bundles.Publish(TestBundles.WithInput(TestBundles.Rank, TestBundles.Rank.Inputs[2] with { Range = new IdRange(1000, 1001) })),
        };
        Refused(directory);
        var idle = _memory.IdleBytes;
        for (var i = 0; i < 50; i++)
        {
            Refused(directory);
            Assert.Equal(0, _memory.OutstandingBytes);
        }

        Assert.Equal(idle, _memory.IdleBytes);
    }

    private static (string Name, string Content) Golden() => ("golden.json", File.ReadAllText(TestBundles.Fixture("rank.golden.json"), Encoding.UTF8));

    private static byte[] Weights() => File.ReadAllBytes(TestBundles.Fixture("weights.bin"));

    private static string ModelFile(string directory) => Path.Combine(directory, Bundle.ModelFile);

    private LoadedModel Load(string directory) => _loader.Load(directory, CancellationToken.None);

    private string Refused(string directory) => Assert.Throws<BundleException>(() => Load(directory)).Message;

    private ModelLoader LoaderOf(EngineOptions options) => new(options, new GraphSessionOptions(), _memory, TimeProvider.System);
}
