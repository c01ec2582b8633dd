namespace Pantheon.Exposures.Notes;

/// <summary>
/// Small texts that replicas and promoters share, by key: what one of them writes all others read. In the same store as the exposures, with
/// the same promises: what a call has returned from is on disk, and a call throws <see cref="Stores.ExposureStoreException"/> when the
/// store cannot do it.
/// </summary>
public interface ISharedNotes
{
    /// <summary>A note; null: there is none.</summary>
    public Task<Note?> ReadAsync(string key, CancellationToken cancellation = default);

    /// <summary>The notes whose keys begin so, in the order of their keys.</summary>
    public Task<IReadOnlyList<Note>> ListAsync(string prefix, CancellationToken cancellation = default);

    /// <summary>Writes a note.</summary>
    /// <param name="key">1 to 256 characters.</param>
    /// <param name="text">At most 16 Mi characters.</param>
    /// <param name="expected">The revision that it replaces, 0 if there must be none; null: whatever there is.</param>
    /// <returns>The revision written; null if another one was there: somebody was quicker, and nothing changed.</returns>
    /// <exception cref="ArgumentException">A key or text that cannot be kept.</exception>
    public Task<long?> WriteAsync(string key, string text, long? expected = null, CancellationToken cancellation = default);

    /// <summary>Deletes a note.</summary>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DeleteAsync(string key, CancellationToken cancellation = default);

    /// <summary>
    /// Takes or renews a lease: of all who ask, by the store's one clock, one has it at a time. Whoever holds it renews it well before it
    /// ends, and stops acting when it cannot.
    /// </summary>
    /// <param name="key">What only one may do.</param>
    /// <param name="owner">Who asks; no two processes call themselves alike.</param>
    /// <param name="length">How long it holds from now; zero gives it back.</param>
    /// <returns>Whether the owner has it.</returns>
    public Task<bool> TryLeaseAsync(string key, string owner, TimeSpan length, CancellationToken cancellation = default);

    /// <summary>
    /// Keys of notes as others write or delete them, for as long as it is read; it ends or throws when the store is lost. It hurries and
    /// promises nothing: a store without such a thing gives none, and what happens between two readings is missed, so poll besides.
    /// </summary>
    public IAsyncEnumerable<string> WatchAsync(CancellationToken cancellation = default);
}

/// <summary>A small text that is shared.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Text">What it says.</param>
/// <param name="Revision">One more with every writing, from 1.</param>
/// <param name="Written">When, by the store's clock.</param>
public sealed record Note(string Key, string Text, long Revision, DateTimeOffset Written);
