namespace Pantheon.Exposures.Stores;

/// <summary>A stored ranking.</summary>
internal readonly record struct RankingRow(Guid Id, string UserKey, long Stored, byte[] Body);

/// <summary>A stored report.</summary>
internal readonly record struct ReportRow(Guid RankingId, long Received, byte[] Body);
