using Npgsql;

namespace Pantheon.Exposures.Stores.Postgres;

/// <summary>PostgreSQL's errors in words for the operator.</summary>
internal static class PostgresFault
{
    /// <summary>No partition for a row: another replica has trimmed it since it was last seen.</summary>
    public static bool IsMissingPartition(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.CheckViolation };

    /// <summary>Whether this is what Npgsql throws.</summary>
    public static bool Is(Exception exception) => exception is NpgsqlException or TimeoutException or InvalidCastException or IOException;

    /// <summary>A call whose faults are said in our words.</summary>
    /// <exception cref="ExposureStoreException">It failed.</exception>
    public static async Task<T> GuardAsync<T>(string where, Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (Is(exception))
        {
            throw Of(where, exception);
        }
    }

    /// <param name="where">Host and database, without the password.</param>
    /// <param name="exception">What <see cref="Is"/> is true of.</param>
    public static ExposureStoreException Of(string where, Exception exception)
    {
        var what = (exception as PostgresException)?.SqlState switch
        {
            null => "it cannot be reached",
            PostgresErrorCodes.DiskFull => "its disk is full",
            PostgresErrorCodes.TooManyConnections => "it has no connections left",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "it does not let this user in",
            PostgresErrorCodes.InvalidCatalogName => "the database is not there",
            PostgresErrorCodes.InsufficientPrivilege => "this user may not do that",
            PostgresErrorCodes.ReadOnlySqlTransaction => "it takes no writes; is it a standby?",
            PostgresErrorCodes.LockNotAvailable => "somebody has been holding a lock on its tables, a backup or a long query",
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => "it is going down or coming up",
            _ => "it refused a statement",
        };
        return new ExposureStoreException($"PostgreSQL {where}: {what} ({exception.Message})", exception);
    }
}
