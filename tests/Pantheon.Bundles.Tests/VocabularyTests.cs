using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pantheon.Bundles.Tests;

public sealed class VocabularyTests
{
    [Fact]
    public void Map_Integers_GivesRowsAndTheUnknownRow()
    {
        var vocabulary = Parse("raw\trow\n128\t1\n-7\t2\n9223372036854775807\t3\n-9223372036854775808\t3\n0\t4", VocabularyKind.Int64, unknown: 5);
        Assert.Equal(5, vocabulary.Count);
        Assert.Equal(VocabularyKind.Int64, vocabulary.Kind);
        Assert.Equal([1, 2, 3, 3, 4, 5], new[] { 128, -7, long.MaxValue, long.MinValue, 0, 1 }.Select(vocabulary.Map));
    }

    [Fact]
    public void Map_Strings_ComparesBytes()
    {
        var vocabulary = Parse("raw\trow\r\nanna\t1\r\nzoë\t2\r\n \t3\r\n", VocabularyKind.String, unknown: 9);
        Assert.Equal(VocabularyKind.String, vocabulary.Kind);
        Assert.Equal(1, vocabulary.Map("anna"u8));
        Assert.Equal(2, vocabulary.Map("zoë"u8));
        Assert.Equal(3, vocabulary.Map(" "u8));
        Assert.Equal(9, vocabulary.Map("Anna"u8));
        Assert.Equal(9, vocabulary.Map(""u8));
        Assert.Equal(9, vocabulary.Map("zoe\u0308"u8));
    }

    [Fact]
    public void Map_OfTheOtherKind_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => Parse("raw\trow\n1\t1", VocabularyKind.Int64).Map("1"u8));
        Assert.Throws<InvalidOperationException>(() => Parse("raw\trow\n1\t1", VocabularyKind.String).Map(1));
    }

    [Theory]
    [InlineData("", "line 1: \"\", expected the header")]
    [InlineData("video_id\titem_id\n1\t1", "line 1: \"video_id\titem_id\", expected the header")]
    [InlineData("raw\trow\n", "no ids, expected at least one")]
    [InlineData("raw\trow\n1\t1\n2 2\n", "line 3: \"2 2\", expected a raw id, a tab and a row")]
    [InlineData("raw\trow\n1\t1\n\n2\t2\n", "line 3: \"\", expected a raw id, a tab and a row")]
    [InlineData("raw\trow\n1\tone\n", "line 2: row \"one\", expected an integer from 0 to 2147483647")]
    [InlineData("raw\trow\n1\t\n", "line 2: row \"\", expected an integer")]
    [InlineData("raw\trow\n1\t-1\n", "line 2: row \"-1\", expected an integer from 0 to 2147483647")]
    [InlineData("raw\trow\n1\t2147483648\n", "line 2: row \"2147483648\", expected an integer from 0 to 2147483647")]
    [InlineData("raw\trow\n1\t99999999999999999999\n", "line 2: row \"99999999999999999999\"")]
    [InlineData("raw\trow\n1\t1\t1\n", "line 2: row \"1\t1\"")]
    [InlineData("raw\trow\nx\t1\n", "line 2: raw id \"x\", expected an integer of 64 bits")]
    [InlineData("raw\trow\n9223372036854775808\t1\n", "line 2: raw id \"9223372036854775808\", expected an integer of 64 bits")]
    [InlineData("raw\trow\n1\t1\n2\t2\n01\t3\n", "line 4: raw id \"01\" came before, expected each raw id once")]
    public void Parse_WithAMistake_NamesFileAndLine(string text, string expected)
    {
        var message = Sample.Refusal(() => Parse(text, VocabularyKind.Int64));
        Assert.StartsWith("vocabularies/x.tsv: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("raw\trow\n\t1\n", "line 2: an empty raw id, expected at least one byte")]
    [InlineData("raw\trow\na\t1\nb\t1\na\t2\n", "line 4: raw id \"a\" came before")]
    public void Parse_StringsWithAMistake_NamesFileAndLine(string text, string expected) =>
        Assert.Contains(expected, Sample.Refusal(() => Parse(text, VocabularyKind.String)), StringComparison.Ordinal);

    [Fact]
    public void Parse_RowOutsideTheRange_IsRefused() => Assert.Contains(
        "line 3: row \"4\", expected an integer from 0 to 3",
        Sample.Refusal(() => Parse("raw\trow\n1\t3\n2\t4\n", VocabularyKind.Int64, range: new IdRange(0, 3))),
        StringComparison.Ordinal);

    [Fact]
    public void Parse_InvalidUtf8_IsRefused() => Assert.Contains(
        "not UTF-8",
        Sample.Refusal(() => VocabularyFile.Parse([.. "raw\trow\n"u8, 0xff, .. "\t1\n"u8], Spec(VocabularyKind.String, 0), null)),
        StringComparison.Ordinal);

    [Fact]
    public void Map_RandomIds_AgreesWithADictionary()
    {
        var random = new Random(7);
        var oracle = new Dictionary<long, int>();
        while (oracle.Count < 20_000)
        {
            // Runs, multiples of high powers of two, and anything: the shapes that ids come in.
            var id = random.Next(3) switch { 0 => random.Next(30_000), 1 => (long)random.Next(1 << 20) << 40, _ => random.NextInt64(long.MinValue, long.MaxValue) };
            oracle.TryAdd(id, random.Next());
        }

        var text = new StringBuilder("raw\trow\n");
        foreach (var (id, row) in oracle)
        {
            text.Append(CultureInfo.InvariantCulture, $"{id}\t{row}\n");
        }

        var integers = Parse(text.ToString(), VocabularyKind.Int64, unknown: 12345);
        var strings = Parse(text.ToString(), VocabularyKind.String, unknown: 12345);
        foreach (var id in oracle.Keys.Concat(Enumerable.Range(-100, 30_200).Select(id => (long)id)))
        {
            var expected = oracle.TryGetValue(id, out var row) ? row : 12345;
            Assert.Equal(expected, integers.Map(id));
            Assert.Equal(expected, strings.Map(Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture))));
        }
    }

    [Fact]
    public void Map_AThousandTimes_AllocatesNothing()
    {
        var integers = Parse(Sample.Items, VocabularyKind.Int64);
        var strings = Parse(Sample.Users, VocabularyKind.String);
        long Sum()
        {
            var sum = 0L;
            for (var id = 0; id < 1000; id++)
            {
                sum += integers.Map(id) + strings.Map("zoë"u8) + strings.Map("nobody"u8);
            }

            return sum;
        }

        Sum();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = Sum();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2003, sum);
    }

    [Theory]
    [InlineData(VocabularyKind.Int64, 43)]
    [InlineData(VocabularyKind.String, 43 + 20)]
    public void Parse_TwoMillionIds_TakesSecondsAndTheStatedMemory(VocabularyKind kind, int bytesPerId)
    {
        const int ids = 2_000_000;
        using var bytes = new MemoryStream();
        bytes.Write("raw\trow\n"u8);
        for (var id = 0; id < ids; id++)
        {
            bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id * 977L}\t{id}\n")));
        }

        var watch = Stopwatch.StartNew();
        var vocabulary = VocabularyFile.Parse(bytes.ToArray(), Spec(kind, 0), null);
        Assert.Equal(ids, vocabulary.Count);
        Assert.InRange(vocabulary.MemoryBytes, 1, (long)ids * bytesPerId);
        // A second in practice; the bound tells linear from quadratic on any machine.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
    }

    private static VocabularySpec Spec(VocabularyKind kind, long unknown) => new() { File = "vocabularies/x.tsv", Kind = kind, UnknownRow = unknown };

    private static Vocabulary Parse(string text, VocabularyKind kind, long unknown = 0, IdRange? range = null) =>
        VocabularyFile.Parse(Encoding.UTF8.GetBytes(text), Spec(kind, unknown), range);
}
