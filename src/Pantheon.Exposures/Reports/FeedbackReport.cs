namespace Pantheon.Exposures.Reports;

/// <summary>
/// What a client tells about one ranking. Any number of reports may come, in any order and as often as one likes: an item was shown
/// if one of them says so, at the smallest position that one names, and each of its outcomes is the largest that one names.
/// </summary>
/// <param name="RankingId">The ranking_id of the answer that was shown.</param>
/// <param name="Items">At least one item; an item may come twice.</param>
public sealed record FeedbackReport(Guid RankingId, IReadOnlyList<ItemFeedback> Items);
