using System.Text.RegularExpressions;

namespace Pantheon.Exposures.Stores.Postgres;

/// <summary>Where the store is that replicas share.</summary>
public sealed partial record PostgresStoreOptions
{
    /// <summary>
    /// Npgsql's connection string; the user may create tables in <see cref="Schema"/>. Required. Commits are as durable as the server's
    /// <c>fsync</c> and <c>synchronous_commit</c> make them; as installed, both are on.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema that holds the tables; made if it is not there. Default <c>pantheon_exposures</c>.</summary>
    public string Schema { get; init; } = "pantheon_exposures";

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            throw new ArgumentException($"{nameof(ConnectionString)}: got an empty text, expected a connection string");
        }

        if (!Name().IsMatch(Schema))
        {
            throw new ArgumentException($"{nameof(Schema)}: got {ExposureFault.Quote(Schema)}, expected a lower-case name of at most 63 letters, digits and '_'");
        }
    }

    // Written into statements as it is.
    [GeneratedRegex(@"\A[a-z_][a-z0-9_]{0,62}\z")]
    private static partial Regex Name();
}
