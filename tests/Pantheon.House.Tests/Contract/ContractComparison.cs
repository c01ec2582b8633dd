namespace Pantheon.House.Tests.Contract;

/// <summary>What became of the contract since its baseline: what callers would break on, and what is new.</summary>
internal sealed record ContractComparison(IReadOnlyList<string> Breaking, IReadOnlyList<ContractEntry> Added)
{
    public static ContractComparison Between(IReadOnlyList<ContractEntry> baseline, IReadOnlyList<ContractEntry> current)
    {
        Dictionary<(string, string), ContractEntry> now = current.ToDictionary(entry => (entry.Kind, entry.Name));
        HashSet<(string, string)> before = [.. baseline.Select(entry => (entry.Kind, entry.Name))];
        List<string> breaking = [];
        foreach (ContractEntry old in baseline)
        {
            if (now.TryGetValue((old.Kind, old.Name), out ContractEntry? entry))
            {
                breaking.AddRange(Changes(old, entry));
            }
            else
            {
                breaking.Add(Gone(old, current.Where(candidate => !before.Contains((candidate.Kind, candidate.Name)))));
            }
        }

        return new ContractComparison(breaking, [.. current.Where(entry => !before.Contains((entry.Kind, entry.Name)))]);
    }

    private static IEnumerable<string> Changes(ContractEntry old, ContractEntry entry) =>
        from fact in old.Facts
        let value = entry.Fact(fact.Key)
        where value != fact.Value
        select $"{old.Kind} {old.Name}: {fact.Key} was {fact.Value}, is now {value ?? "gone"}";

    private static string Gone(ContractEntry old, IEnumerable<ContractEntry> added)
    {
        ContractEntry? successor = old.Fact("number") is not { } number
            ? null
            : added.FirstOrDefault(entry => entry.Kind == old.Kind && entry.Parent == old.Parent && entry.Fact("number") == number);
        return successor is null
            ? $"{old.Kind} {old.Name} was removed"
            : $"{old.Kind} {old.Name} was removed and its number {successor.Fact("number")} is now {successor.Name} (renamed or reused)";
    }
}
