using System.Text;

namespace Pantheon.Cli.Tests.Verify;

public sealed class VerifyTests : IDisposable
{
    private readonly Workplace _place = new();

    [Fact]
    public void Verify_ShippedDemo_MatchesPyTorch()
    {
        var run = CliRun.Of("bundle", "verify", Workplace.Shipped("kuairand")).Succeeded();

        Assert.Contains("kuairand version 1", run.Output, StringComparison.Ordinal);
        Assert.Contains("is_click, long_view, is_comment, is_profile_enter, finish", run.Output, StringComparison.Ordinal);
        Assert.Contains("3 requests of 7, 64, 300 candidates, worst difference", run.Output, StringComparison.Ordinal);
        Assert.Contains("CC-BY-SA-4.0", run.Output, StringComparison.Ordinal);
        Assert.EndsWith(" verified\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_VersionDirectory_IsVerified()
    {
        _place.Create("plain").Succeeded();

        CliRun.Of("bundle", "verify", Path.Combine(_place.Models, "toy", "1") + "/").Succeeded();
    }

    [Fact]
    public void Verify_Model_TakesItsBase()
    {
        _place.Create("plain").Succeeded();
        _place.Create("plain").Succeeded();
        new Bundles.ModelRepository(_place.Models).Traffic("toy").Write(
            Bundles.TrafficTable.Undeclared(2, null).Promote(1, new Bundles.TrafficAsk("test", "", DateTimeOffset.UnixEpoch)));

        var run = CliRun.Of("bundle", "verify", Path.Combine(_place.Models, "toy")).Succeeded();

        Assert.Contains("toy version 1", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("golden.json")]
    [InlineData("manifest.json")]
    public void Verify_OneByteChanged_IsRefused(string file)
    {
        _place.Create("plain").Succeeded();
        var directory = Path.Combine(_place.Models, "toy", "1");
        var path = Path.Combine(directory, file);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x10;
        File.WriteAllBytes(path, bytes);

        var run = CliRun.Of("bundle", "verify", directory);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("bundle verify: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(file, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_RangeWiderThanTheTable_IsRefused()
    {
        _place.Create("plain").Succeeded();
        var directory = Path.Combine(_place.Models, "toy", "1");
        var path = Path.Combine(directory, "manifest.json");
        File.WriteAllText(path, File.ReadAllText(path, Encoding.UTF8).Replace("\"max\": 8", "\"max\": 9", StringComparison.Ordinal));

        CliRun.Of("bundle", "verify", directory)
            .FailedWith(1, $"bundle verify: {directory}: the manifest allows 0 to 9 in 'item_id', the graph takes 0 to 8");
    }

    [Fact]
    public void Verify_NoBundle_IsRefused() => CliRun.Of("bundle", "verify", _place.PathOf("none"))
        .FailedWith(1, $"bundle verify: {_place.PathOf("none")} is no directory, expected a version's or a model's");

    public void Dispose() => _place.Dispose();
}
