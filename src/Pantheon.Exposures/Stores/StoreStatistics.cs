namespace Pantheon.Exposures.Stores;

/// <summary>What a store holds.</summary>
/// <param name="Rankings">Rankings.</param>
/// <param name="Reports">Reports.</param>
/// <param name="Bytes">What both and their indices take on disk; in SQLite the file and its write-ahead log, freed pages too.</param>
/// <param name="Oldest">Time of the oldest ranking; null if there is none.</param>
/// <param name="Newest">Time of the newest ranking; null if there is none.</param>
public sealed record StoreStatistics(long Rankings, long Reports, long Bytes, DateTimeOffset? Oldest, DateTimeOffset? Newest);
