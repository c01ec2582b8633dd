using System.Text.Json;

namespace Pantheon.House.Tests.Image;

/// <summary>One line of a Dockerfile, its continuations joined.</summary>
internal sealed record Instruction(string Keyword, string Text)
{
    /// <summary>Words of the text without options (<c>--from=build</c>).</summary>
    public IEnumerable<string> Words => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.StartsWith("--", StringComparison.Ordinal));

    public string? Option(string name) => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .FirstOrDefault(word => word.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..];

    /// <summary>The command of an instruction in the exec form.</summary>
    public string[] Exec() => JsonSerializer.Deserialize<string[]>(Text[Text.IndexOf('[', StringComparison.Ordinal)..])!;
}

/// <summary>One stage: what it is made from, its name, what it does.</summary>
internal sealed record Stage(string Base, string Name, IReadOnlyList<Instruction> Instructions)
{
    public Instruction Last(string keyword) => Instructions.Last(instruction => instruction.Keyword == keyword);

    /// <summary>Environment that the stage leaves behind.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment() =>
        from instruction in Instructions
        where instruction.Keyword == "ENV"
        from word in instruction.Words
        let split = word.IndexOf('=', StringComparison.Ordinal)
        select KeyValuePair.Create(word[..split], word[(split + 1)..].Trim('"'));
}

/// <summary>Reads as much of the Dockerfile format as ours uses.</summary>
internal static class Dockerfile
{
    public static IReadOnlyList<Stage> Read(string text)
    {
        List<Stage> stages = [];
        List<Instruction> instructions = [];
        string joined = string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'))).Replace("\\\n", " ", StringComparison.Ordinal);
        foreach (string line in joined.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            Instruction instruction = new(line[..space], line[(space + 1)..].Trim());
            if (instruction.Keyword == "FROM")
            {
                string[] words = [.. instruction.Words];
                instructions = [];
                stages.Add(new Stage(words[0], words.Length == 3 ? words[2] : "", instructions));
            }
            else
            {
                instructions.Add(instruction);
            }
        }

        return stages;
    }
}
