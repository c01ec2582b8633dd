using System.Globalization;

namespace Pantheon.Bundles;

/// <summary>
/// Models in an S3-compatible store, as <c>PREFIX/MODEL/VERSION/FILE</c>, and a folder of this machine's own with the versions that were
/// fetched. A version is there once its manifest is, which is stored last. What is listed is what <see cref="RefreshAsync"/> found last; while
/// the store was not asked yet, or never answered, it is what the folder has. Fetching is done by <see cref="Open"/>, so on the thread that
/// loads. Safe for use by many threads.
/// </summary>
public sealed class S3ModelRepository : ModelRepository, IDisposable
{
    private const string ClaimPrefix = ".claim-";

    // Longer than a request takes.
    private const int ClaimPauseMilliseconds = 100;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    // Whoever uploads for longer than this has ended.
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    private readonly S3Address _address;
    private readonly S3Objects _objects;
    private readonly TimeProvider _clock;
    private readonly Lock _sync = new();
    private readonly Dictionary<(string Model, long Version), DateTimeOffset> _due = [];
    private readonly Dictionary<(string Model, long Version), int> _retries = [];
    private volatile S3Listing? _listing;
    private volatile string? _problem;

    /// <param name="address"><c>s3://bucket/prefix</c>.</param>
    /// <param name="options">How it is reached, and where what is fetched is kept.</param>
    /// <param name="clock">For when to try again; null: the system's.</param>
    /// <exception cref="BundleException">No such address, or the options are not enough.</exception>
    public S3ModelRepository(string address, S3Options options, TimeProvider? clock = null)
        : this(S3Address.Parse(address), options, clock ?? TimeProvider.System)
    {
    }

    private S3ModelRepository(S3Address address, S3Options options, TimeProvider clock)
        : base(Path.Combine(options.Cache, address.Bucket, address.Prefix)) =>
        (_address, _objects, _clock) = (address, new S3Objects(address, options), clock);

    /// <inheritdoc/>
    public override string Name => _address.ToString();

    /// <inheritdoc/>
    public override string? Problem => _problem;

    /// <inheritdoc/>
    public override async Task RefreshAsync(CancellationToken cancellation)
    {
        try
        {
            var listing = new S3Listing(await _objects.ListAsync("", cancellation).ConfigureAwait(false));
            lock (_sync)
            {
                var now = _clock.GetUtcNow();
                foreach (var (version, _) in _due.Where(pair => pair.Value <= now).ToList())
                {
                    _due.Remove(version);
                    _retries[version] = _retries.GetValueOrDefault(version) + 1;
                }

                (_listing, _problem) = (listing, null);
            }
        }
        catch (S3FaultException error)
        {
            _problem = error.Message;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Models() => _listing is { } listing ? [.. listing.Models.Order(StringComparer.Ordinal)] : base.Models();

    /// <inheritdoc/>
    public override IReadOnlyList<long> Versions(string model) => _listing is { } listing ? listing.Versions(model) : base.Versions(model);

    /// <inheritdoc/>
    public override string NameOf(string model, long version) => $"{_address}/{S3Listing.KeyOf(model, version, "")}".TrimEnd('/');

    /// <summary>
    /// Opens a version from the folder if it is there as the store has it, or if the store is away; else it is fetched, verified and put
    /// there, all at once.
    /// </summary>
    /// <inheritdoc/>
    public override Bundle Open(string model, long version, CancellationToken cancellation = default)
    {
        var folder = PathOf(model, version);
        var manifest = Path.Combine(folder, Manifest.FileName);
        if (_problem is not null && File.Exists(manifest))
        {
            return base.Open(model, version, cancellation);
        }

        try
        {
            using var came = new MemoryStream();
            _objects.DownloadAsync(S3Listing.KeyOf(model, version, Manifest.FileName), came, ManifestFile.MaxBytes, cancellation).GetAwaiter().GetResult();
            // What a version holds never changes; a number whose version was deleted may come again.
            if (File.Exists(manifest) && File.ReadAllBytes(manifest).AsSpan().SequenceEqual(came.ToArray()))
            {
                try
                {
                    return base.Open(model, version, cancellation);
                }
                catch (BundleException)
                {
                    // The disk has spoilt it: once more.
                }
            }

            return Fetch(model, version, came.ToArray(), cancellation);
        }
        catch (S3FaultException error) when (!error.IsMissing && File.Exists(manifest))
        {
            return base.Open(model, version, cancellation);
        }
        catch (Exception error) when (error is S3FaultException or IOException or UnauthorizedAccessException)
        {
            lock (_sync)
            {
                // Nothing in the store will have changed when it is worth another look.
                _due[(model, version)] = _clock.GetUtcNow() + s_retry;
            }

            throw new BundleException($"{NameOf(model, version)}: could not be fetched: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public override string Fingerprint(string model, long version)
    {
        if (_listing is not { } listing)
        {
            return base.Fingerprint(model, version);
        }

        lock (_sync)
        {
            return string.Join(
                '\n',
                listing.Objects(model, version).Select(entry => $"{entry.Key} {entry.ETag}").Order(StringComparer.Ordinal)
                    .Append(_retries.GetValueOrDefault((model, version)).ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <inheritdoc/>
    public override long SizeOf(string model, long version) =>
        _listing is { } listing ? listing.Objects(model, version).Sum(entry => entry.Size) : base.SizeOf(model, version);

    /// <summary>Deletes a version, the manifest first: from then on nobody lists it. That it is not there is no error.</summary>
    /// <inheritdoc/>
    public override void Delete(string model, long version)
    {
        Ask(async () =>
        {
            await _objects.DeleteAsync(S3Listing.KeyOf(model, version, Manifest.FileName), CancellationToken.None).ConfigureAwait(false);
            await DeleteAsync(await _objects.ListAsync(S3Listing.KeyOf(model, version, ""), CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false);
            return true;
        });
        RefreshAsync(CancellationToken.None).GetAwaiter().GetResult();
        Forget(model, version);
    }

    public void Dispose() => _objects.Dispose();

    /// <inheritdoc/>
    internal override bool Has(string model, long version) =>
        Ask(() => _objects.ListAsync(S3Listing.KeyOf(model, version, ""), CancellationToken.None)).Count > 0;

    /// <inheritdoc/>
    internal override long NextVersion(string model)
    {
        var listing = new S3Listing(Ask(() => _objects.ListAsync(model + "/", CancellationToken.None)));
        Sweep(model, listing);
        return After(listing.All(model).Select(pair => pair.Key).LastOrDefault());
    }

    /// <summary>
    /// Uploads a version. A number is whoever's first writes into it an object that is all it holds: of two who do that at once at least one
    /// finds the other's, so that no two upload to the same number, whatever conditions the store knows for its requests.
    /// </summary>
    /// <inheritdoc/>
    internal override bool TryPlace(Staging staging, Bundle bundle)
    {
        var (model, version) = (bundle.Manifest.Model, bundle.Manifest.Version);
        var claim = S3Listing.KeyOf(model, version, ClaimPrefix + Guid.NewGuid().ToString("N"));
        var isOurs = Ask(async () =>
        {
            await _objects.UploadAsync(claim, Stream.Null, CancellationToken.None).ConfigureAwait(false);
            var there = await _objects.ListAsync(S3Listing.KeyOf(model, version, ""), CancellationToken.None).ConfigureAwait(false);
            if (there.All(entry => entry.Key == claim))
            {
                return true;
            }

            // It stays, so that the next number is another one. Not all at once, or they meet there again.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(ClaimPauseMilliseconds)), _clock).ConfigureAwait(false);
            return false;
        });
        if (!isOurs)
        {
            return false;
        }

        Ask(async () =>
        {
            foreach (var name in bundle.Manifest.Files.Select(file => file.Name).Append(Manifest.FileName))
            {
                using var file = File.OpenRead(staging.PathOf(name));
                await _objects.UploadAsync(S3Listing.KeyOf(model, version, name), file, CancellationToken.None).ConfigureAwait(false);
            }

            await _objects.DeleteAsync(claim, CancellationToken.None).ConfigureAwait(false);
            return true;
        });
        // Here it need not be fetched any more.
        Forget(model, version);
        staging.TryMoveTo(PathOf(model, version));
        return true;
    }

    private Bundle Fetch(string model, long version, byte[] manifest, CancellationToken cancellation)
    {
        var files = ParseShown(model, version, manifest).Files;
        Directory.CreateDirectory(Root);
        Staging.Sweep(Root);
        using var staging = Staging.Create(Root);
        foreach (var file in files)
        {
            staging.Write(
                file.Name,
                to => _objects.DownloadAsync(S3Listing.KeyOf(model, version, file.Name), to, file.Size, cancellation).GetAwaiter().GetResult());
        }

        staging.Write(Manifest.FileName, to => to.Write(manifest));
        staging.FlushDirectories();
        var bundle = Named(BundleReader.Open(staging.Directory, shownAs: NameOf(model, version)), model, version);
        Forget(model, version);
        var isPlaced = staging.TryMoveTo(PathOf(model, version));
        ForgetDeleted(model);
        // Else another process with the same folder was quicker.
        return isPlaced ? bundle.At(PathOf(model, version)) : base.Open(model, version, cancellation);
    }

    private Manifest ParseShown(string model, long version, byte[] manifest)
    {
        try
        {
            return Manifest.Parse(manifest);
        }
        catch (BundleException error)
        {
            throw new BundleException($"{NameOf(model, version)}: {error.Message}", error);
        }
    }

    // From the folder.
    private void Forget(string model, long version)
    {
        try
        {
            if (Directory.Exists(PathOf(model, version)))
            {
                base.Delete(model, version);
            }
        }
        catch (BundleException)
        {
            // Another process with the same folder was quicker.
        }
    }

    // What the store no longer has would only take space.
    private void ForgetDeleted(string model)
    {
        if (_listing is { } listing && _problem is null)
        {
            foreach (var version in base.Versions(model).Except(listing.Versions(model)))
            {
                Forget(model, version);
            }
        }
    }

    // What was uploaded in part, and nobody can be uploading any more.
    private void Sweep(string model, S3Listing listing)
    {
        var whole = listing.Versions(model);
        var abandoned = _clock.GetUtcNow().UtcDateTime - s_abandoned;
        foreach (var (version, objects) in listing.All(model))
        {
            if (!whole.Contains(version) && objects.TrueForAll(entry => entry.Modified.ToUniversalTime() < abandoned))
            {
                Ask(async () =>
                {
                    await DeleteAsync(objects).ConfigureAwait(false);
                    return true;
                });
            }
        }
    }

    private async Task DeleteAsync(IEnumerable<S3Entry> entries)
    {
        foreach (var entry in entries)
        {
            await _objects.DeleteAsync(entry.Key, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static T Ask<T>(Func<Task<T>> store)
    {
        try
        {
            return store().GetAwaiter().GetResult();
        }
        catch (S3FaultException error)
        {
            throw new BundleException(error.Message, error);
        }
    }
}
