using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;

namespace Pantheon.Exposures.Stores;

/// <summary>A ranking and what was said of it before its window closed.</summary>
/// <param name="Id">The ranking's id.</param>
/// <param name="Ranking">The ranking; null if it was not stored in time.</param>
/// <param name="Reports">Reports that came in time, in an order that is the same at every reading.</param>
/// <param name="LateReports">Reports that came too late for the window.</param>
/// <param name="LateRanking">Whether the ranking is there, but was stored too late for the window.</param>
public sealed record ReportedRanking(Guid Id, Ranking? Ranking, IReadOnlyList<FeedbackReport> Reports, int LateReports, bool LateRanking);
