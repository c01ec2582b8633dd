namespace Pantheon.House.Tests.Contract;

/// <summary>
/// One promise of the contract as one line: <c>kind full.name fact=value fact=value ...</c>. Facts are what a caller
/// depends on; comments, order and deprecation are not.
/// </summary>
internal sealed record ContractEntry(string Kind, string Name, IReadOnlyList<KeyValuePair<string, string>> Facts)
{
    /// <summary>The message, enum or service that holds it.</summary>
    public string Parent => Name[..Math.Max(0, Name.LastIndexOf('.'))];

    public string? Fact(string key) => Facts.FirstOrDefault(fact => fact.Key == key).Value;

    public override string ToString() => string.Join(' ', [Kind, Name, .. Facts.Select(fact => $"{fact.Key}={fact.Value}")]);

    public static ContractEntry Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
        {
            throw new FormatException($"Not a line of a contract baseline: '{line}'.");
        }

        return new ContractEntry(words[0], words[1], [.. words.Skip(2).Select(ParseFact)]);
    }

    private static KeyValuePair<string, string> ParseFact(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? throw new FormatException($"Not a fact: '{word}'.") : new(word[..equals], word[(equals + 1)..]);
    }
}
