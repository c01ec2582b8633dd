namespace Pantheon.Exposures.Notes;

/// <summary>What a note must be to be kept by any store.</summary>
internal static class NoteRules
{
    private const int KeyLength = 256;
    private const int TextLength = 16 << 20;

    public static void Check(string key, string text = "")
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(text);
        if (key.Length is 0 or > KeyLength || key.Any(char.IsControl))
        {
            throw new ArgumentException($"key: got {ExposureFault.Quote(key)}, expected 1 to {KeyLength} characters, none of them a control character");
        }

        // PostgreSQL's text has no U+0000.
        if (text.Length > TextLength || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"text: got {text.Length} characters, expected at most {TextLength}, without U+0000");
        }
    }
}
