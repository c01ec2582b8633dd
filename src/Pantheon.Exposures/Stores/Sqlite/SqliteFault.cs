using Microsoft.Data.Sqlite;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>SQLite's errors in words for the operator.</summary>
internal static class SqliteFault
{
    private const int Error = 1;
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Whether this is what SQLite throws, or what reading a row throws that is not of the type that was written.</summary>
    public static bool Is(Exception exception) =>
        exception is SqliteException or InvalidCastException or FormatException or OverflowException or InvalidOperationException;

    public static ExposureStoreException Of(string path, Exception exception) => exception is SqliteException fault
        ? Of(path, fault)
        : new ExposureStoreException($"{path}: it is damaged; restore it from a backup, or move it away to begin anew ({exception.Message})", exception);

    private static ExposureStoreException Of(string path, SqliteException exception)
    {
        var what = exception.SqliteErrorCode switch
        {
            Busy => "another process has been writing to it for longer than the busy timeout",
            ReadOnly => "it, or its folder, may not be written to",
            InputOutput => "reading or writing it failed",
            Corrupt => "it is damaged; restore it from a backup, or move it away to begin anew",
            Full => "the disk is full",
            CannotOpen => "it cannot be opened; its folder must be there and writable",
            NotADatabase => "it is not a SQLite file",
            Error => "SQLite refused a statement",
            _ => "SQLite failed",
        };
        return new ExposureStoreException($"{path}: {what} (SQLite {exception.SqliteErrorCode}/{exception.SqliteExtendedErrorCode}: {exception.Message})", exception);
    }
}
