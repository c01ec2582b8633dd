using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

public sealed class MarkdownTextTests
{
    [Theory]
    [InlineData("71.93 ± 0.08", "71.93 ± 0.08")]
    [InlineData("66.70 [65.20, 67.40]", "66.70 [65.20, 67.40]")]
    [InlineData("-0.13", "-0.13")]
    [InlineData("is_click & long_view", "is_click & long_view")]
    [InlineData("a < b", "a < b")]
    [InlineData("a|b", "a\\|b")]
    [InlineData("_u_ __v__", "\\_u\\_ \\_\\_v\\_\\_")]
    [InlineData("*s* ~t~ `c` \\", "\\*s\\* \\~t\\~ \\`c\\` \\\\")]
    [InlineData("<b>&lt;</b>", "\\<b>\\&lt;\\</b>")]
    [InlineData("[x](y) [a]: b", "[x\\](y) [a\\]: b")]
    [InlineData("# no heading", "\\# no heading")]
    [InlineData("- no list", "\\- no list")]
    [InlineData("---", "\\---")]
    [InlineData("12. no list", "12\\. no list")]
    [InlineData("> no quote", "\\> no quote")]
    [InlineData("two\r\n  - lines", "two   - lines")]
    public void Escape_Text_ShowsAsItIs(string text, string expected) => Assert.Equal(expected, MarkdownText.Escape(text));

    [Theory]
    [InlineData("a | b", "`a \\| b`")]
    [InlineData("a ` b", "``a ` b``")]
    [InlineData("`a``", "``` `a`` ```")]
    [InlineData("", "")]
    public void Code_Text_IsFencedByMoreThanItHolds(string text, string expected) => Assert.Equal(expected, MarkdownText.Code(text));

    [Fact]
    public void Block_TextWithFences_IsFencedByMore() =>
        Assert.Equal("````md\n```\nx\n```\n````\n", MarkdownText.Block("```\r\nx\r\n```\r\n", "md"));
}
