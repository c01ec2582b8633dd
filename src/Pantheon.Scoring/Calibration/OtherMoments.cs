namespace Pantheon.Scoring.Calibration;

/// <summary>What was measured of a version elsewhere: by another replica, by this one before it was started again, or imported.</summary>
/// <param name="Scenarios">By scenario; empty: the default.</param>
/// <param name="From">When measuring began there.</param>
/// <param name="Age">Seconds since, at least 0.</param>
public sealed record OtherMoments(IReadOnlyDictionary<string, StreamedMoments> Scenarios, DateTimeOffset From, double Age);
