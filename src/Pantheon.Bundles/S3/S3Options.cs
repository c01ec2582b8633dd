namespace Pantheon.Bundles;

/// <summary>How an S3-compatible store is reached. Credentials come as the AWS SDK finds them: AWS_ACCESS_KEY_ID and the like, a profile, a role.</summary>
public sealed record S3Options
{
    /// <summary>URL of the store, such as <c>http://minio:9000</c>. Default empty: AWS's own of the region.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Region that requests are signed for. Default empty: as the SDK finds it (AWS_REGION, a profile); us-east-1 where an endpoint is set.</summary>
    public string Region { get; init; } = "";

    /// <summary>Whether the bucket is in the path and not in the host's name: stores other than AWS mostly want that. Default false.</summary>
    public bool ForcePathStyle { get; init; }

    /// <summary>Folder for the versions that were fetched, relative to the working directory; a folder per bucket and prefix in it. Default model-cache.</summary>
    public string Cache { get; init; } = "model-cache";
}
