namespace Pantheon.Serving.Promotion;

/// <summary>Whether a promoter works beside the service, in its process.</summary>
internal sealed record PromotionSettings
{
    /// <summary>
    /// The promoter's configuration, a JSON file. Default none: no promoter. It learns with the service's processors; where p99 matters, run
    /// `pantheon promote run` elsewhere.
    /// </summary>
    public string Config { get; init; } = "";

    /// <summary>Directory of its journal and checkpoint. Default promoter.</summary>
    public string State { get; init; } = "promoter";

    /// <summary>Seconds between two looks, above 0. Default 30.</summary>
    public double PollSeconds { get; init; } = 30;
}
