namespace Pantheon.Bundles;

/// <summary>
/// <c>traffic.json</c> of a model: read whole, replaced whole. Writers on one or many machines take turns by a lock file beside it, and
/// each says what revision it changes: who was overtaken is told, never overwritten.
/// </summary>
/// <param name="modelDirectory">The model's folder.</param>
public sealed class TrafficFile(string modelDirectory)
{
    // 500 changes take some 150 KB.
    private const long MaxBytes = 4 << 20;

    private const string LockFile = ".traffic.lock";

    // As the system numbers "somebody else holds the lock": Linux, macOS, Windows.
    private static readonly int[] s_held = [11, 35, unchecked((int)0x80070020)];

    private readonly string _path = Path.Combine(modelDirectory, TrafficTable.FileName);

    /// <summary>The table; null: there is none.</summary>
    /// <exception cref="BundleException">It cannot be read or is not one; what serves should go on serving.</exception>
    public TrafficTable? Read() => WholeFile.Read(_path, MaxBytes) is { } bytes ? TrafficTable.Parse(bytes, _path) : null;

    /// <summary>Replaces the table, durably.</summary>
    /// <param name="table">What it becomes.</param>
    /// <exception cref="BundleException">Somebody else changed it since (<see cref="TrafficConflictException"/>), or the disk refuses; it is as it was.</exception>
    public void Write(TrafficTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var aside = Path.Combine(modelDirectory, $".{TrafficTable.FileName}");
        try
        {
            using var @lock = Lock();
            var before = Read()?.Revision ?? 0;
            if (before != table.Revision - 1)
            {
                throw new TrafficConflictException($"{_path}: it is at revision {before}, not {table.Revision - 1}: somebody else changed it meanwhile");
            }

            // Closed before it gets its name: a reader must never find it open for writing. A crash leaves it to the next writer.
            using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(table.ToJson());
                file.Write("\n"u8);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, _path, overwrite: true);
            DirectorySync.Flush(modelDirectory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(error.Message);
        }
    }

    // The system lets it go when its owner ends, in whatever way.
    private FileStream Lock()
    {
        var path = Path.Combine(modelDirectory, LockFile);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException error) when (s_held.Contains(error.HResult))
        {
            throw new TrafficConflictException($"{_path}: somebody else is changing it", error);
        }
    }

    private BundleException Refused(string reason) => new($"{_path}: {reason}");
}

/// <summary>The table changed between its reading and its writing.</summary>
public sealed class TrafficConflictException : Exception
{
    public TrafficConflictException()
    {
    }

    public TrafficConflictException(string message)
        : base(message)
    {
    }

    public TrafficConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
