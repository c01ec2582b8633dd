using System.Text;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

public sealed class FieldSplitterTests
{
    [Theory]
    [InlineData("a,b,c", "a|b|c")]
    [InlineData(",,", "||")]
    [InlineData("\"a,b\",,\"\"", "a,b||")]
    [InlineData("\"a\"\"b\",c,d", "a\"b|c|d")]
    [InlineData("a\"b,c,d\"", "a\"b|c|d\"")]
    [InlineData("a,b,c,", "a|b|c")]
    [InlineData("é,漢字,\"[1,5)\"", "é|漢字|[1,5)")]
    public void Split_Row_GivesItsFields(string line, string expected) => Assert.Equal(expected, Split(line, 3));

    [Theory]
    [InlineData("a,b", "2 fields, expected 3")]
    [InlineData("a,b,c,d", "4 fields, expected 3")]
    [InlineData("a,b,c,,", "5 fields, expected 3")]
    [InlineData("a,\"b,c", "a quoted field does not end on its line")]
    [InlineData("a,\"b\"x,c", "text between a closing quote and the next delimiter")]
    public void Split_NoRow_SaysWhy(string line, string expected) => Assert.Equal(expected, Split(line, 3));

    [Fact]
    public void Split_RandomLines_AgreesWithASimpleReader()
    {
        var random = new Random(7);
        const string Alphabet = "ab\"\",,,1é";
        var columns = 0;
        for (var round = 0; round < 200_000; round++)
        {
            columns = (columns % 5) + 1;
            var line = new string([.. Enumerable.Range(0, random.Next(0, 16)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var expected = Reference(line);
            var trailing = expected is not null && expected.Count == columns + 1 && EndsWithEmptyField(expected);
            var valid = expected is not null && (expected.Count == columns || trailing);
            var came = Split(line, columns);

            var refused = came.Contains("expected", StringComparison.Ordinal) || came.Contains("quote", StringComparison.Ordinal);
            Assert.True(
                valid ? came == string.Join('|', expected!.Take(columns)) : refused, $"{line} in {columns} columns: {came}");
        }

        static bool EndsWithEmptyField(List<string> fields) => fields[^1].Length == 0;
    }

    /// <summary>A reader that is plain instead of fast: null if quotes are wrong.</summary>
    private static List<string>? Reference(string line)
    {
        List<string> fields = [];
        var rest = line;
        while (true)
        {
            string field;
            if (rest.StartsWith('"'))
            {
                var closing = -1;
                for (var index = 1; index < rest.Length; index++)
                {
                    if (rest[index] != '"')
                    {
                        continue;
                    }

                    if (index + 1 < rest.Length && rest[index + 1] == '"')
                    {
                        index++;
                    }
                    else
                    {
                        closing = index;
                        break;
                    }
                }

                if (closing < 0)
                {
                    return null;
                }

                field = rest[1..closing].Replace("\"\"", "\"", StringComparison.Ordinal);
                rest = rest[(closing + 1)..];
                if (rest.Length > 0 && rest[0] != ',')
                {
                    return null;
                }
            }
            else
            {
                var comma = rest.IndexOf(',', StringComparison.Ordinal);
                field = comma < 0 ? rest : rest[..comma];
                rest = comma < 0 ? "" : rest[comma..];
            }

            fields.Add(field);
            if (rest.Length == 0)
            {
                return fields;
            }

            rest = rest[1..];
        }
    }

    private static string Split(string line, int columns)
    {
        // The line lies in the middle of a block.
        var bytes = Encoding.UTF8.GetBytes("\"x,\n" + line + "\n\",");
        var fields = new FieldSplitter((byte)',', columns);
        return fields.Split(bytes, 4, bytes.Length - 3)
            ?? string.Join('|', Enumerable.Range(0, columns).Select(column => Encoding.UTF8.GetString(fields[column])));
    }
}
