namespace Pantheon.Exposures.Joining;

/// <summary>A window's rows, in the order of ranking ids and then of ranks.</summary>
/// <param name="Window">The window.</param>
/// <param name="Rows">Items that were shown.</param>
/// <param name="Counts">What the join met.</param>
public sealed record JoinedWindow(ExposureWindow Window, IReadOnlyList<Exposure> Rows, JoinCounts Counts);
