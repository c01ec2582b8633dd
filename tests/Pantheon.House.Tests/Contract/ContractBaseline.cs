namespace Pantheon.House.Tests.Contract;

/// <summary>A committed listing under protos/baseline: what the contract had promised when it was last agreed on.</summary>
internal static class ContractBaseline
{
    /// <summary>Set to <c>write</c> to accept additions; eng/contract-baseline.sh does.</summary>
    public const string Variable = "PANTHEON_CONTRACT_BASELINE";

    public static string PathOf(string proto) => Repository.PathOf("protos", "baseline", Path.GetFileNameWithoutExtension(proto) + ".txt");

    public static IReadOnlyList<ContractEntry> Read(string proto)
    {
        string path = PathOf(proto);
        return !File.Exists(path)
            ? []
            : [.. File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#').Select(ContractEntry.Parse)];
    }

    public static void Write(string proto, IEnumerable<ContractEntry> entries)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(proto))!);
        string head = $"# What {proto} promises. Written by eng/contract-baseline.sh; why it only ever grows: docs/contract.md\n";
        File.WriteAllText(PathOf(proto), head + string.Concat(entries.Select(entry => entry + "\n")));
    }

    /// <summary>What is wrong, or null: breaking changes always are, additions until the baseline has them.</summary>
    public static string? Judge(string proto, ContractComparison comparison)
    {
        if (comparison.Breaking.Count > 0)
        {
            return $"""
                {proto} breaks its callers:
                  {string.Join("\n  ", comparison.Breaking)}
                Add beside what is there instead, or make a v2 package: docs/contract.md says how the contract may change.
                """;
        }

        return comparison.Added.Count == 0 ? null : $"""
            {proto} promises more than its baseline:
              {string.Join("\n  ", comparison.Added)}
            If that is meant (docs/contract.md says what to think of), run eng/contract-baseline.sh and commit protos/baseline.
            """;
    }
}
