using System.Buffers;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Pantheon.Bundles;

/// <summary>Objects below one prefix of a bucket. Keys are relative to it.</summary>
internal sealed class S3Objects : IDisposable
{
    // One PUT takes no more; the parts of a larger upload would be another protocol.
    private const long MaxPutBytes = 5L << 30;

    private const int BlockBytes = 1 << 20;

    // A store that says nothing for so long is away.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly S3Address _address;
    private readonly AmazonS3Client _client;

    public S3Objects(S3Address address, S3Options options)
    {
        _address = address;
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.ForcePathStyle,
            MaxErrorRetry = 1,
            // What a bundle holds is verified by its own digests; the trailing checksums that are the default are known to few other stores.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint.Length > 0)
        {
            config.ServiceURL = options.Endpoint;
            config.AuthenticationRegion = options.Region.Length > 0 ? options.Region : "us-east-1";
        }
        else if (options.Region.Length > 0)
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        }

        try
        {
            _client = new AmazonS3Client(config);
        }
        catch (AmazonClientException error)
        {
            throw new BundleException($"{address}: {error.Message}", error);
        }
    }

    /// <summary>All objects whose keys begin so.</summary>
    /// <exception cref="S3FaultException">The store does not answer, or refuses.</exception>
    public async Task<IReadOnlyList<S3Entry>> ListAsync(string prefix, CancellationToken cancellation)
    {
        List<S3Entry> entries = [];
        string? next = null;
        do
        {
            var page = await AskAsync(
                prefix,
                limit => _client.ListObjectsV2Async(
                    new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = _address.Prefix + prefix, ContinuationToken = next }, limit),
                cancellation).ConfigureAwait(false);
            entries.AddRange((page.S3Objects ?? []).Select(entry => new S3Entry(entry.Key[_address.Prefix.Length..], entry.ETag, entry.Size ?? 0, entry.LastModified ?? default)));
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
        return entries;
    }

    /// <summary>Writes an object into a stream.</summary>
    /// <param name="key">The object.</param>
    /// <param name="to">Where to; it stays open.</param>
    /// <param name="largest">Bytes that it may have.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="S3FaultException">The store does not answer, refuses, or has no such object.</exception>
    /// <exception cref="BundleException">The object is larger.</exception>
    public async Task DownloadAsync(string key, Stream to, long largest, CancellationToken cancellation)
    {
        using var response = await AskAsync(
            key, limit => _client.GetObjectAsync(new GetObjectRequest { BucketName = _address.Bucket, Key = _address.Prefix + key }, limit), cancellation).ConfigureAwait(false);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (long written = 0; ;)
            {
                var read = await AskAsync(key, limit => response.ResponseStream.ReadAsync(block, limit).AsTask(), cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }

                written += read;
                if (written > largest)
                {
                    throw new BundleException($"{Name(key)}: more than {largest} bytes, expected no more");
                }

                // Not awaited: what writes is a file, and the loader's thread waits for this anyway.
                to.Write(block.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Stores a file under a key, in the place of what is there.</summary>
    /// <exception cref="S3FaultException">The store does not answer, or refuses.</exception>
    /// <exception cref="BundleException">The file is too large for one PUT.</exception>
    public async Task UploadAsync(string key, Stream content, CancellationToken cancellation)
    {
        if (content.Length > MaxPutBytes)
        {
            throw new BundleException($"{Name(key)}: {content.Length} bytes, expected at most {MaxPutBytes}, which is what S3 takes in one request");
        }

        // As long as it takes: a large file's upload says nothing until its end.
        await AskAsync(
            key,
            limit => _client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = _address.Bucket,
                    Key = _address.Prefix + key,
                    InputStream = content,
                    AutoCloseStream = false,
                    // Else the body is cut into signed chunks, which some stores keep as they come.
                    UseChunkEncoding = false,
                },
                limit),
            cancellation,
            Timeout.InfiniteTimeSpan).ConfigureAwait(false);
    }

    /// <summary>Deletes an object, if it is there.</summary>
    /// <exception cref="S3FaultException">The store does not answer, or refuses.</exception>
    public Task DeleteAsync(string key, CancellationToken cancellation) => AskAsync(
        key, limit => _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _address.Bucket, Key = _address.Prefix + key }, limit), cancellation);

    public void Dispose() => _client.Dispose();

    private string Name(string key) => $"{S3Address.Scheme}{_address.Bucket}/{_address.Prefix}{key}";

    private async Task<T> AskAsync<T>(string key, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience ?? s_patience);
        try
        {
            return await ask(limit.Token).ConfigureAwait(false);
        }
        catch (AmazonS3Exception error)
        {
            throw new S3FaultException(
                $"{Name(key)}: the store refuses: {(int)error.StatusCode} {error.ErrorCode} ({error.Message})", error)
            { IsMissing = error.StatusCode == HttpStatusCode.NotFound };
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new S3FaultException($"{Name(key)}: the store gave no answer within {s_patience.TotalSeconds} s", error);
        }
        catch (Exception error) when (error is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or WebException)
        {
            throw new S3FaultException($"{Name(key)}: the store cannot be reached: {error.Message}", error);
        }
    }
}

/// <summary>An object of a store.</summary>
/// <param name="Key">Below the prefix.</param>
/// <param name="ETag">Another one if its content is.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When it was stored, by the store's clock.</param>
internal sealed record S3Entry(string Key, string ETag, long Size, DateTime Modified);

/// <summary>A store that does not do what was asked: away, or refuses. The message is one sentence for the operator.</summary>
internal sealed class S3FaultException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>It answered: there is no such object.</summary>
    public bool IsMissing { get; init; }
}
