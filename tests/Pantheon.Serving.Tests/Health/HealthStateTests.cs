using Pantheon.Serving.Health;

namespace Pantheon.Serving.Tests.Health;

public sealed class HealthStateTests
{
    [Fact]
    public void Current_BeforeTheDefaultModel_IsNotReadyWithAReason()
    {
        HealthSnapshot snapshot = new HealthState().Current;

        Assert.False(snapshot.Ready);
        Assert.NotEmpty(snapshot.Services[HealthState.Overall].Reason);
    }

    [Fact]
    public void Replaced_ChangeOfState_CompletesForTheOldSnapshotOnly()
    {
        HealthState state = new();
        HealthSnapshot before = state.Current;

        state.SetReady();

        Assert.True(before.Replaced.IsCompletedSuccessfully);
        Assert.False(before.Ready);
        Assert.True(state.Current.Ready);
        Assert.False(state.Current.Replaced.IsCompleted);
    }

    [Fact]
    public void Shutdown_LaterChanges_AreIgnored()
    {
        HealthState state = new();
        state.SetReady();
        state.SetModel("ranker", serving: true, null);

        state.Shutdown();
        HealthSnapshot last = state.Current;
        state.SetReady();
        state.SetModel("late", serving: true, null);
        state.Shutdown();

        Assert.Same(last, state.Current);
        Assert.True(last.Final);
        Assert.All(last.Services.Values, health => Assert.False(health.Serving));
    }

    [Fact]
    public async Task SetModel_ByManyAtOnce_LosesNothing()
    {
        HealthState state = new();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                state.SetModel($"{writer}-{i}", serving: true, null);
            }
        })));

        Assert.Equal(400, state.Current.Services.Keys.Count(name => name.StartsWith("model/", StringComparison.Ordinal)));
    }
}
