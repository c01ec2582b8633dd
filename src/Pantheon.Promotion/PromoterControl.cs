using System.Text.Json;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Stores;

namespace Pantheon.Promotion;

/// <summary>What people tell a promoter, through the store that both can reach.</summary>
public sealed record PromoterControl
{
    /// <summary>Whether it is to do nothing until told otherwise.</summary>
    public bool Paused { get; init; }

    /// <summary>Who paused it or let it go on.</summary>
    public Said By { get; init; } = new("", "");

    /// <summary>The version that may be tried out, where winners wait for that; 0: none.</summary>
    public long Approved { get; init; }

    /// <summary>Who approved.</summary>
    public Said ApprovedBy { get; init; } = new("", "");

    /// <summary>The version that must not be, or no longer; 0: none.</summary>
    public long Vetoed { get; init; }

    /// <summary>Who vetoed.</summary>
    public Said VetoedBy { get; init; } = new("", "");

    /// <summary>What was told last.</summary>
    /// <exception cref="ExposureStoreException">The store cannot be read, or holds something else there.</exception>
    public static async Task<PromoterControl> ReadAsync(ISharedNotes notes, string model, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(notes);
        return await notes.ReadAsync(KeyOf(model), cancellation).ConfigureAwait(false) is { } note ? Parse(note) : new PromoterControl();
    }

    /// <summary>Tells something else.</summary>
    /// <param name="change">From what was told last; called again if somebody was quicker.</param>
    public static async Task<PromoterControl> ChangeAsync(ISharedNotes notes, string model, Func<PromoterControl, PromoterControl> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(notes);
        ArgumentNullException.ThrowIfNull(change);
        while (true)
        {
            var note = await notes.ReadAsync(KeyOf(model), cancellation).ConfigureAwait(false);
            var next = change(note is null ? new PromoterControl() : Parse(note));
            if (await notes.WriteAsync(KeyOf(model), JsonSerializer.Serialize(next), note?.Revision ?? 0, cancellation).ConfigureAwait(false) is not null)
            {
                return next;
            }
        }
    }

    /// <summary>Who said something, and why.</summary>
    /// <param name="Name">Who.</param>
    /// <param name="Reason">Why; may be empty.</param>
    public sealed record Said(string Name, string Reason)
    {
        /// <inheritdoc/>
        public override string ToString() => Reason.Length > 0 ? $"{Name}: {Reason}" : Name;
    }

    private static PromoterControl Parse(Note note)
    {
        try
        {
            return JsonSerializer.Deserialize<PromoterControl>(note.Text) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new ExposureStoreException($"note {note.Key} is nothing that a promoter is told; delete it: {error.Message}");
        }
    }

    private static string KeyOf(string model) => $"promoter/{model}/control";
}
