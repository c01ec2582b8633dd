using System.Text;
using Pantheon.Rig;

namespace Pantheon.Bundles.Tests.S3;

/// <summary>Versions in a store that is not ours, over the wire.</summary>
public sealed class S3ModelRepositoryTests : IAsyncLifetime
{
    private const string Model = "demo";

    private readonly TemporaryFolder _folder = new();
    private S3Server? _server;

    public async Task InitializeAsync() => _server = ForeignTools.Find(Tool.S3rver) is not null ? await S3Server.CreateAsync() : null;

    public async Task DisposeAsync()
    {
        _folder.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [ToolFact(Tool.S3rver)]
    public async Task Open_WhatWasPublished_IsFetchedOnceAndThere()
    {
        using var writer = Repository("writer");
        using var reader = Repository("reader");
        Assert.Empty(reader.Models());
        var published = Publish(writer);
        await reader.RefreshAsync(CancellationToken.None);
        Assert.Equal([Model], reader.Models());
        Assert.Equal([1L], reader.Versions(Model));
        Assert.Empty(reader.Versions("other"));

        var bundle = reader.Open(Model, 1);

        Assert.Equal(published.Digest, bundle.Digest);
        Assert.Equal(reader.PathOf(Model, 1), bundle.Directory);
        Assert.Equal($"s3://{S3Server.Bucket}/live/demo/1", reader.NameOf(Model, 1));
        Assert.Equal(reader.SizeOf(Model, 1), new ModelRepository(reader.Root).SizeOf(Model, 1));
        _server!.Kill();
        Assert.Equal(published.Digest, reader.Open(Model, 1).Digest);
        Assert.Equal([Model], Directory.EnumerateFileSystemEntries(reader.Root).Select(Path.GetFileName));
    }

    [ToolFact(Tool.S3rver)]
    public async Task Start_StoreIsAway_HasWhatWasFetchedAndTriesTheRestLater()
    {
        var clock = new StepClock();
        using (var before = Repository("replica"))
        {
            Publish(before);
        }

        using (var other = Repository("other"))
        {
            Publish(other);
        }

        _server!.Kill();
        using var replica = Repository("replica", clock);
        await replica.RefreshAsync(CancellationToken.None);
        Assert.Contains("the store cannot be reached", replica.Problem, StringComparison.Ordinal);
        Assert.Equal([1L], replica.Versions(Model));
        Assert.Equal(1, replica.Open(Model, 1).Manifest.Version);

        await _server.StartAsync();
        await replica.RefreshAsync(CancellationToken.None);
        Assert.Null(replica.Problem);
        Assert.Equal([1L, 2L], replica.Versions(Model));
        var before2 = replica.Fingerprint(Model, 2);
        _server.Kill();
        var message = Sample.Refusal(() => replica.Open(Model, 2));
        Assert.StartsWith($"s3://{S3Server.Bucket}/live/demo/2: could not be fetched: ", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(replica.Root, ".staging*"));
        await _server.StartAsync();
        await replica.RefreshAsync(CancellationToken.None);
        Assert.Equal(before2, replica.Fingerprint(Model, 2));
        clock.Now += TimeSpan.FromSeconds(6);
        await replica.RefreshAsync(CancellationToken.None);
        Assert.NotEqual(before2, replica.Fingerprint(Model, 2));
        Assert.Equal(2, replica.Open(Model, 2).Manifest.Version);
    }

    [ToolFact(Tool.S3rver)]
    public async Task Versions_HalfUploaded_IsNotListedAndItsNumberNotTaken()
    {
        using var repository = Repository("one");
        using var objects = Objects();
        await PutAsync(objects, "demo/4/model.onnx", Sample.Model);
        await PutAsync(objects, "demo/x/manifest.json", [1]);
        await PutAsync(objects, "manifest.json", [1]);
        await PutAsync(objects, "no model!/1/manifest.json", [1]);
        await repository.RefreshAsync(CancellationToken.None);
        Assert.Empty(repository.Models());
        Assert.Empty(repository.Versions(Model));

        Assert.Equal(5, Publish(repository).Manifest.Version);
        Assert.Contains("demo/4 exists", Sample.Refusal(() => BundlePublisher.Publish(repository, Sample.Draft with { Version = 4 }, Sample.Sources, _ => { })), StringComparison.Ordinal);
    }

    [ToolFact(Tool.S3rver)]
    public async Task NextVersion_AbandonedUpload_IsSweptAfterADay()
    {
        var clock = new StepClock { Now = DateTimeOffset.UtcNow };
        using var repository = Repository("one", clock);
        using var objects = Objects();
        await PutAsync(objects, "demo/4/model.onnx", Sample.Model);
        clock.Now += TimeSpan.FromHours(23);
        Publish(repository);
        Assert.NotEmpty(await objects.ListAsync("demo/4/", CancellationToken.None));
        clock.Now += TimeSpan.FromHours(2);
        Publish(repository);
        Assert.Empty(await objects.ListAsync("demo/4/", CancellationToken.None));
        await repository.RefreshAsync(CancellationToken.None);
        Assert.Equal([5L, 6L], repository.Versions(Model));
    }

    [ToolFact(Tool.S3rver)]
    public async Task Publish_ManyAtOnce_EachHasANumberOfItsOwn()
    {
        const int Publishers = 4;
        const int Each = 3;
        var published = await Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(() =>
        {
            using var repository = Repository($"publisher {publisher}");
            return Enumerable.Range(0, Each).Select(round => Publish(repository, $"{publisher}-{round}")).ToList();
        })));

        using var reader = Repository("reader");
        await reader.RefreshAsync(CancellationToken.None);
        var all = published.SelectMany(bundles => bundles).OrderBy(bundle => bundle.Manifest.Version).ToList();
        Assert.Equal(Publishers * Each, all.Count);
        Assert.Equal(all.Select(bundle => bundle.Manifest.Version), reader.Versions(Model));
        Assert.All(all, bundle => Assert.Equal(bundle.Digest, reader.Open(Model, bundle.Manifest.Version).Digest));
    }

    [ToolFact(Tool.S3rver)]
    public async Task Open_ObjectThatIsNotTheManifests_IsRefusedAndLeavesNothing()
    {
        using var repository = Repository("writer");
        using var reader = Repository("reader");
        using var objects = Objects();
        Publish(repository);
        await reader.RefreshAsync(CancellationToken.None);
        var before = reader.Fingerprint(Model, 1);
        await PutAsync(objects, "demo/1/model.onnx", Encoding.ASCII.GetBytes(new string('x', Sample.Model.Length)));
        Assert.Contains("live/demo/1: model.onnx: sha256 ", Sample.Refusal(() => reader.Open(Model, 1)), StringComparison.Ordinal);
        await PutAsync(objects, "demo/1/model.onnx", [.. Sample.Model, 1]);
        Assert.Contains($"model.onnx: more than {Sample.Model.Length} bytes", Sample.Refusal(() => reader.Open(Model, 1)), StringComparison.Ordinal);
        await PutAsync(objects, "demo/1/manifest.json", "{}"u8.ToArray());
        Assert.Contains("live/demo/1: manifest.json", Sample.Refusal(() => reader.Open(Model, 1)), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(reader.Root));
        await reader.RefreshAsync(CancellationToken.None);
        Assert.NotEqual(before, reader.Fingerprint(Model, 1));
    }

    [ToolFact(Tool.S3rver)]
    public async Task Open_WhatTheDiskSpoilt_IsFetchedAgain()
    {
        using var repository = Repository("one");
        var published = Publish(repository);
        File.AppendAllText(repository.PathOf(Model, 1) + "/model.onnx", "x");
        await repository.RefreshAsync(CancellationToken.None);
        Assert.Equal(published.Digest, repository.Open(Model, 1).Digest);
    }

    [ToolFact(Tool.S3rver)]
    public async Task Delete_ThenTheSameNumberAgain_NobodyServesTheOldOne()
    {
        using var writer = Repository("writer");
        using var reader = Repository("reader");
        Publish(writer, "first");
        Publish(writer, "second");
        await reader.RefreshAsync(CancellationToken.None);
        reader.Open(Model, 1);
        reader.Open(Model, 2);
        writer.Delete(Model, 1);
        writer.Delete(Model, 2);
        Assert.Empty(writer.Versions(Model));
        var again = Publish(writer, "again");
        Assert.Equal(1, again.Manifest.Version);
        await reader.RefreshAsync(CancellationToken.None);

        Assert.Equal(again.Digest, reader.Open(Model, 1).Digest);
        // And what the store no longer has takes no space.
        Assert.Equal([1L], new ModelRepository(reader.Root).Versions(Model));
    }

    [ToolFact(Tool.S3rver)]
    public async Task Refresh_MoreThanAPage_SeesAll()
    {
        using var repository = Repository("one");
        using var objects = Objects();
        await Parallel.ForEachAsync(Enumerable.Range(1, 1100), async (version, _) => await PutAsync(objects, $"demo/{version}/manifest.json", [1]));
        await repository.RefreshAsync(CancellationToken.None);
        Assert.Null(repository.Problem);
        Assert.Equal(Enumerable.Range(1, 1100).Select(version => (long)version), repository.Versions(Model));
    }

    [ToolFact(Tool.S3rver)]
    public async Task Refresh_NoSuchBucket_SaysSo()
    {
        using var repository = new S3ModelRepository("s3://nowhere", Options("one"));
        await repository.RefreshAsync(CancellationToken.None);
        Assert.Contains("s3://nowhere/: the store refuses: 404 NoSuchBucket", repository.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3://Upper/x")]
    [InlineData("s3://bucket/../x")]
    [InlineData("s3://bucket//x//y")]
    public void Of_NoAddress_SaysWhatIsExpected(string address) => Assert.Equal(
        $"model repository: got '{address}', expected s3://BUCKET or s3://BUCKET/PREFIX", Sample.Refusal(() => ModelRepository.Of(address, new S3Options())));

    [Fact]
    public void Constructor_AddressOfAStore_IsNotTakenForAFolder() =>
        Assert.Contains("got 's3://bucket/x', expected a folder", Sample.Refusal(() => _ = new ModelRepository("s3://bucket/x").Root), StringComparison.Ordinal);

    private static async Task PutAsync(S3Objects objects, string key, byte[] content)
    {
        using var stream = new MemoryStream(content);
        await objects.UploadAsync(key, stream, CancellationToken.None);
    }

    private static Bundle Publish(S3ModelRepository repository, string createdBy = "test") => BundlePublisher.Publish(
        repository, Sample.Draft with { Version = Manifest.NextVersion, Lineage = Sample.Draft.Lineage with { CreatedBy = createdBy } }, Sample.Sources, _ => { });

    private S3ModelRepository Repository(string cache, TimeProvider? clock = null) => new($"s3://{S3Server.Bucket}/live", Options(cache), clock);

    private S3Objects Objects() => new(S3Address.Parse($"s3://{S3Server.Bucket}/live"), Options("none"));

    private S3Options Options(string cache) => new() { Endpoint = _server!.Endpoint, ForcePathStyle = true, Cache = _folder[cache] };

    private sealed class StepClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(60);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
