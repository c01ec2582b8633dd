using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Promotion.Trials;

namespace Pantheon.Promotion.Tests;

public sealed class GrpcModelControlTests
{
    [Fact]
    public async Task Get_AReplicaThatHasNotHeardYet_IsAskedAgainAndAnOlderTableHoldsInTheEnd()
    {
        var (replicas, clock) = (new Replicas(), new Clock());
        var control = new GrpcModelControl(replicas, "promoter", "", TimeSpan.FromSeconds(1), clock);
        replicas.Revision = 4;
        Assert.Equal(1, (await control.GetAsync("feed", default)).Base);
        Assert.Equal(2, (await control.PromoteAsync("feed", 2, "", default)).Base);

        foreach (var behind in (long[])[4, 0])
        {
            replicas.Revision = behind;
            var error = await Assert.ThrowsAsync<ModelControlException>(() => control.GetAsync("feed", default));
            Assert.False(error.IsRefused);
            Assert.Equal($"the replica that answered has the traffic of 'feed' at revision {behind}, expected 5 or later: it has not caught up yet", error.Message);
        }

        replicas.Revision = 5;
        Assert.Equal(2, (await control.GetAsync("feed", default)).Base);

        // A store that was put back says so for longer than any replica lags.
        replicas.Revision = 3;
        clock.Seconds = 29;
        await Assert.ThrowsAsync<ModelControlException>(() => control.GetAsync("feed", default));
        clock.Seconds = 31;
        Assert.Equal(1, (await control.GetAsync("feed", default)).Base);
    }

    /// <summary>Replicas behind one address: which one answers, and so how much it has heard of, is what a test says.</summary>
    private sealed class Replicas : Models.ModelsClient
    {
        public long Revision { get; set; }

        private ModelChange Last => new() { Revision = Revision, BaseVersion = Revision < 5 ? 1 : 2, Action = "promote", Version = 1, Requester = "test" };

        public override AsyncUnaryCall<ModelHistoryResponse> HistoryAsync(ModelHistoryRequest request, CallOptions options) =>
            Answer(Revision == 0 ? new ModelHistoryResponse() : new ModelHistoryResponse { Changes = { Last } });

        public override AsyncUnaryCall<ChangeModelResponse> PromoteAsync(PromoteModelRequest request, CallOptions options)
        {
            Revision++;
            return Answer(new ChangeModelResponse { Change = Last });
        }

        private static AsyncUnaryCall<T> Answer<T>(T response) =>
            new(Task.FromResult(response), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(1000 * Seconds);
    }
}
