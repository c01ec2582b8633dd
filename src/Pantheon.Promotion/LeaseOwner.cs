namespace Pantheon.Promotion;

/// <summary>
/// Who a promoter is to the lease: whoever holds the lock of its state directory. Killed and started again it is the same one, and goes on with the lease
/// that it had. Where somebody else holds that lock it is one of its own, and waits.
/// </summary>
internal sealed class LeaseOwner : IDisposable
{
    private const string LockFile = "owner";
    private const int IdLength = 32;

    private readonly FileStream? _lock;

    private LeaseOwner(string name, FileStream? held) => (Name, _lock) = (name, held);

    /// <summary>What the lease is taken under.</summary>
    public string Name { get; }

    public static LeaseOwner Of(PromoterPlace place)
    {
        FileStream held;
        try
        {
            // The system lets it go when its owner ends, in whatever way.
            held = new FileStream(Path.Combine(place.State, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return new LeaseOwner($"{place.Owner}/{Guid.NewGuid():N}", null);
        }

        using var reader = new StreamReader(held, leaveOpen: true);
        var id = reader.ReadToEnd();
        // A directory of its own, and one that a crash left half made, gets an id of its own.
        if (id.Length != IdLength)
        {
            id = Guid.NewGuid().ToString("N");
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(id));
            held.Flush(flushToDisk: true);
        }

        return new LeaseOwner($"{place.Owner}/{id}", held);
    }

    public void Dispose() => _lock?.Dispose();
}
