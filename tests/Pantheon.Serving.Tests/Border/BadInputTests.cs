using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Border;

/// <summary>Bad input over the wire: status and words, and no memory kept.</summary>
[Collection(nameof(Service))]
public sealed class BadInputTests(Service service)
{
    public static TheoryData<string> Demo => [.. BadInput.OfDemo.Keys];

    public static TheoryData<string> Probe => [.. BadInput.OfProbe.Keys];

    public static TheoryData<string> Words => [.. BadInput.OfWords.Keys];

    [Theory]
    [MemberData(nameof(Demo))]
    public async Task Rank_BadDemoRequest_IsInvalidArgumentWithFieldGotAndExpected(string what)
    {
        var request = DemoModel.Shipped.Request(DemoModel.Shipped.Goldens[0]);
        var (change, message) = BadInput.OfDemo[what];
        change(request);
        await RefusedAsync(request, message);
    }

    [Theory]
    [MemberData(nameof(Probe))]
    public async Task Rank_IdOutOfRange_IsInvalidArgumentWithFieldGotAndExpected(string what)
    {
        var request = ProbeModel.Request(ProbeModel.Strict, 0, 0.1f, 0.2f);
        var (change, message) = BadInput.OfProbe[what];
        change(request);
        await RefusedAsync(request, message);
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task Rank_BadWords_IsInvalidArgumentWithFieldGotAndExpected(string what)
    {
        var request = ProbeModel.RequestOfWords("one", "two");
        var (change, message) = BadInput.OfWords[what];
        change(request);
        await RefusedAsync(request, message);
    }

    [Fact]
    public async Task Rank_UnknownModel_IsNotFound()
    {
        var status = await service.FailAsync(ProbeModel.Request("nobody"));

        Assert.Equal(StatusCode.NotFound, status.StatusCode);
        Assert.Equal("model: got 'nobody', expected one of kuairand, probe-dropping, probe-failing, probe-strict, probe-words", status.Detail);
    }

    [Fact]
    public async Task Rank_VersionNotLoaded_IsFailedPrecondition()
    {
        var request = ProbeModel.Request(ProbeModel.Strict);
        request.Version = 2;

        var status = await service.FailAsync(request);

        Assert.Equal(StatusCode.FailedPrecondition, status.StatusCode);
        Assert.Equal("version: got 2, expected a loaded version of 'probe-strict' (1)", status.Detail);
    }

    [Fact]
    public async Task Rank_MessageAboveTheLimit_IsResourceExhausted()
    {
        var request = ProbeModel.Request(ProbeModel.Strict);
        request.CandidateFeatures[0].Data = Google.Protobuf.ByteString.CopyFrom(new byte[(1 << 20) + 1]);

        Assert.Equal(StatusCode.ResourceExhausted, (await service.FailAsync(request)).StatusCode);
        await service.Process.IdleAsync();
    }

    [Fact]
    public async Task Rank_TextThatIsNotUtf8_IsInvalidArgument()
    {
        byte[] request = [0x0A, 2, 0xC3, 0x28];

        var error = await Assert.ThrowsAsync<RpcException>(async () => await service.Process.Channel.CreateCallInvoker()
            .AsyncUnaryCall(RawMethods.Rank, null, new CallOptions(deadline: Service.Soon), request));

        Assert.Equal((StatusCode.InvalidArgument, "request_id: got bytes that are not UTF-8, expected UTF-8 text"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Rank_ScoreNotFinite_IsInternalNamingModelAndCandidate()
    {
        var request = ProbeModel.Request(ProbeModel.Failing, 0, 0.5f, float.NaN, 0.25f);
        request.CandidateIds.AddRange([10, 11, 12]);

        var status = await service.FailAsync(request);

        Assert.Equal(StatusCode.Internal, status.StatusCode);
        Assert.Equal("model 'probe-failing' version 1: score of the candidate at position 1 (id 11) is NaN, expected a finite number", status.Detail);
        Assert.True(await service.Process.MetricAsync("pantheon_scores_non_finite_total") >= 1);
    }

    [Fact]
    public async Task Rank_ScoreNotFiniteAndToBeDropped_LeavesItOutAndTells()
    {
        var answer = await service.Client.RankAsync(
            ProbeModel.Request(ProbeModel.Dropping, 0, 0.5f, float.NaN, 0.75f, float.NegativeInfinity), deadline: Service.Soon);

        Assert.Equal([2, 0], answer.Items.Select(item => item.Position));
        Assert.Equal([1, 3], answer.DroppedPositions);
        Assert.Equal(4, answer.Candidates);
    }

    private async Task RefusedAsync(RankRequest request, string message)
    {
        var status = await service.FailAsync(request);
        Assert.Equal((StatusCode.InvalidArgument, message), (status.StatusCode, status.Detail));
    }
}
