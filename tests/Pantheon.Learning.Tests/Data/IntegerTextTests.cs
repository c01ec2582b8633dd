using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

public sealed partial class IntegerTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-124", -124)]
    [InlineData("87433.0", 87433)]
    [InlineData("87433.", 87433)]
    [InlineData("-1.000", -1)]
    [InlineData("007", 7)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void TryParse_Integer_IsItsValue(string text, long expected)
    {
        Assert.True(IntegerText.TryParse(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".0")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("0x1")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999999")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(IntegerText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void TryParse_RandomText_AgreesWithAPattern()
    {
        var random = new Random(5);
        const string Alphabet = "0123456789999-.0 e";
        for (var round = 0; round < 200_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(0, 22)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var match = Pattern().Match(text);
            var expected = 0L;
            var valid = match.Success
                && long.TryParse(match.Groups[1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out expected);

            Assert.True(valid == IntegerText.TryParse(Encoding.UTF8.GetBytes(text), out var value), text);
            Assert.True(!valid || value == expected, text);
        }
    }

    [GeneratedRegex(@"^(-?[0-9]+)(\.0*)?$")]
    private static partial Regex Pattern();
}
