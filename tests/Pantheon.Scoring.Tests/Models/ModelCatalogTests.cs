using Pantheon.Scoring.Models;

namespace Pantheon.Scoring.Tests.Models;

public sealed class ModelCatalogTests
{
    // Two who published at the same time could undo each other.
    [Fact]
    public async Task Publish_ManyAtOnce_KeepsThemAll()
    {
        const int Publishers = 8;
        const int Models = 50;
        var catalog = new ModelCatalog("m");
        using var start = new Barrier(Publishers);
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (var i = 0; i < Models; i++)
                {
                    catalog.Publish(new ServedModel($"m{publisher}-{i}", null, new Dictionary<long, LoadedModel>(), "no"));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Equal(Publishers * Models, catalog.Models.Count);
    }

    [Fact]
    public void Publish_SameName_Replaces()
    {
        var catalog = new ModelCatalog("m");
        catalog.Publish(new ServedModel("m", null, new Dictionary<long, LoadedModel>(), "first"));
        catalog.Publish(new ServedModel("m", null, new Dictionary<long, LoadedModel>(), "second"));
        Assert.Equal("second", Assert.Single(catalog.Models).Reason);
    }
}
