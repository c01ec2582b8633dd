namespace Pantheon.Simulation;

/// <summary>A short video that competes with rooms for a place.</summary>
/// <param name="VideoId">From 1.</param>
/// <param name="Score">Of its own ranker.</param>
public readonly record struct ShortVideo(long VideoId, double Score);

/// <summary>A place of a feed.</summary>
/// <param name="IsLive">A room; else a short video.</param>
/// <param name="Index">Into the request's candidates, or into the videos.</param>
public readonly record struct FeedItem(bool IsLive, int Index);

/// <summary>Rooms and short videos in one feed, by scores that were never made to be compared: Pantheon section 4.</summary>
public static class MixedFeed
{
    /// <summary>The best of both, best first; at a tie the room.</summary>
    /// <param name="rooms">Scores of the candidates.</param>
    /// <param name="slots">Places to fill, at most.</param>
    public static FeedItem[] Of(IReadOnlyList<double> rooms, IReadOnlyList<ShortVideo> videos, int slots)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        ArgumentNullException.ThrowIfNull(videos);
        return [.. rooms.Select((score, index) => (Score: score, Item: new FeedItem(true, index)))
            .Concat(videos.Select((video, index) => (video.Score, Item: new FeedItem(false, index))))
            .OrderByDescending(place => place.Score).Take(slots).Select(place => place.Item)];
    }

    /// <summary>Rooms alone.</summary>
    public static FeedItem[] Of(IReadOnlyList<double> rooms, int slots) => Of(rooms, [], slots);
}
