using Pantheon.Exposures.Recording;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Retention;

namespace Pantheon.Serving.Exposures;

/// <summary>Whether and where answers and feedback on them are stored.</summary>
internal sealed record ExposureSettings
{
    /// <summary>Where. Default none: what users were shown is stored only if somebody decides so.</summary>
    public ExposureStoreKind Store { get; init; }

    /// <summary>The file of <see cref="ExposureStoreKind.Sqlite"/>, relative to the working directory. Default exposures.db.</summary>
    public string Path { get; init; } = "exposures.db";

    /// <summary>Of <see cref="ExposureStoreKind.Postgres"/>, as Npgsql has it; by environment, as it may hold a password. Default none.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>How answers are written.</summary>
    public ExposureLogOptions Log { get; init; } = new();

    /// <summary>What a report may hold.</summary>
    public FeedbackLimits Feedback { get; init; } = new();

    /// <summary>How long exposures are kept.</summary>
    public RetentionOptions Retention { get; init; } = new();
}

/// <summary>Where exposures are stored.</summary>
internal enum ExposureStoreKind
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>In a file of this replica's own.</summary>
    Sqlite,

    /// <summary>In a PostgreSQL that replicas share.</summary>
    Postgres,
}
