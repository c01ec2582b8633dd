namespace Pantheon.Simulation;

/// <summary>A user opens the feed: what a gateway knows, in raw ids and counts.</summary>
/// <param name="Day">From 0.</param>
/// <param name="Number">Which request of the day.</param>
/// <param name="UserId">From 1.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="UserExposures">Live streams the user has been shown before this day, anywhere on the platform.</param>
/// <param name="UserCounts">What the user made of them, in the order of <see cref="Objectives.Names"/>. Without a gift: never gave one.</param>
/// <param name="Activity">How often the user comes, for ecology tables.</param>
/// <param name="PrefersInRoom">Whether the user is of those who enter rooms, for ecology tables.</param>
/// <param name="Candidates">What retrieval found, in no order of merit.</param>
public sealed record AudienceRequest(
    int Day, int Number, long UserId, int Hour, long UserExposures, IReadOnlyList<long> UserCounts, ActivityGroup Activity, bool PrefersInRoom,
    IReadOnlyList<Candidate> Candidates);

/// <summary>A room that may be shown.</summary>
/// <param name="RoomId">From 1.</param>
/// <param name="AuthorId">From 1.</param>
/// <param name="AuthorIsNew">Whether the author first streamed within a week, for ecology tables.</param>
/// <param name="Category">From 0.</param>
/// <param name="HoursOpen">Since it opened.</param>
/// <param name="Exposures">How often it was shown before this request, anywhere on the platform: 0 for one that just opened.</param>
/// <param name="Counts">What came of it, in the order of <see cref="Objectives.Names"/>.</param>
public sealed record Candidate(
    long RoomId, long AuthorId, bool AuthorIsNew, int Category, int HoursOpen, long Exposures, IReadOnlyList<long> Counts);
