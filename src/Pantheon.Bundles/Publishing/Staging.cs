namespace Pantheon.Bundles;

/// <summary>
/// A folder <c>.staging-ID</c> in the repository, where a version is written before it gets its name. Its owner holds a lock on
/// <c>.staging-ID.lock</c>, which the system lets go when the process ends in whatever way: a staging folder whose lock is free,
/// or absent, was left by a crash. The lock is made before the folder and removed after it.
/// </summary>
internal sealed class Staging : IDisposable
{
    private const string Prefix = ".staging-";
    private const string LockSuffix = ".lock";
    private const int Attempts = 5;

    private readonly FileStream _lock;

    private Staging(string directory, FileStream @lock)
    {
        Directory = directory;
        _lock = @lock;
    }

    public string Directory { get; }

    public static Staging Create(string root)
    {
        for (var attempt = 1; ; attempt++)
        {
            var directory = NewPath(root);
            FileStream? @lock = null;
            try
            {
                @lock = TryLock(directory + LockSuffix, FileMode.CreateNew);
                if (@lock is not null)
                {
                    System.IO.Directory.CreateDirectory(directory);
                    return new Staging(directory, @lock);
                }

                // A sweeper came between the making of the file and its locking, and took it for a leftover.
            }
            catch (IOException) when (@lock is null && attempt < Attempts)
            {
                // The same, and the sweeper is still at it. Under another name it is over.
            }
            catch
            {
                @lock?.Dispose();
                throw;
            }
        }
    }

    /// <summary>A name that nobody has. A folder under it that nobody holds the lock of is a leftover.</summary>
    public static string NewPath(string root) => Path.Combine(root, Prefix + Guid.NewGuid().ToString("N"));

    /// <summary>Removes what crashed publishers left. Best effort: what cannot be removed now is only disk space.</summary>
    public static void Sweep(string root)
    {
        var leftovers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in System.IO.Directory.EnumerateFileSystemEntries(root, Prefix + "*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            leftovers.Add(entry.EndsWith(LockSuffix, StringComparison.Ordinal) ? entry[..^LockSuffix.Length] : entry);
        }

        foreach (var directory in leftovers)
        {
            try
            {
                using var @lock = TryLock(directory + LockSuffix, FileMode.Open);
                if (System.IO.Directory.Exists(directory))
                {
                    System.IO.Directory.Delete(directory, recursive: true);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Alive, swept by another publisher at this moment, or not ours to remove.
            }
        }
    }

    public string PathOf(string name) => BundleFiles.PathOf(Directory, name);

    /// <summary>Writes one file through to the disk.</summary>
    public FileEntry Write(string name, Action<Stream> write)
    {
        var path = PathOf(name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        using var hashing = new HashingStream(file);
        write(hashing);
        file.Flush(flushToDisk: true);
        return hashing.Entry(name);
    }

    /// <summary>Makes the names of all that was written durable, innermost first.</summary>
    public void FlushDirectories()
    {
        foreach (var folder in System.IO.Directory.EnumerateDirectories(Directory, "*", SearchOption.AllDirectories).OrderDescending(StringComparer.Ordinal))
        {
            DirectorySync.Flush(folder);
        }

        DirectorySync.Flush(Directory);
    }

    /// <summary>Gives the folder its name, durably; this is then over.</summary>
    /// <returns>False if the name is taken. rename(2) never replaces a directory that holds anything, and a bundle always does.</returns>
    public bool TryMoveTo(string target)
    {
        var model = Path.GetDirectoryName(target)!;
        System.IO.Directory.CreateDirectory(model);
        try
        {
            System.IO.Directory.Move(Directory, target);
        }
        catch (IOException) when (Path.Exists(target))
        {
            return false;
        }
        catch (IOException)
        {
            RemoveIfEmpty(model);
            throw;
        }

        try
        {
            DirectorySync.Flush(model);
            DirectorySync.Flush(Path.GetDirectoryName(model)!);
        }
        catch (IOException exception)
        {
            throw new BundleException($"{target} is there, but may not survive a power cut: {exception.Message}", exception);
        }

        return true;
    }

    public void Dispose()
    {
        try
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Renamed into place.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next publisher sweeps it; what brought us here is the error to report.
        }

        _lock.Dispose();
    }

    private static void RemoveIfEmpty(string directory)
    {
        try
        {
            System.IO.Directory.Delete(directory);
        }
        catch (IOException)
        {
            // It holds other versions.
        }
    }

    /// <returns>Null if no such file is there, or no longer once it is locked: whoever held it until now removed it.</returns>
    /// <exception cref="IOException">Somebody holds the lock.</exception>
    private static FileStream? TryLock(string path, FileMode mode)
    {
        FileStream @lock;
        try
        {
            @lock = new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        if (File.Exists(path))
        {
            return @lock;
        }

        @lock.Dispose();
        return null;
    }
}
