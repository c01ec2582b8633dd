using Pantheon.Onnx.Formulas;

namespace Pantheon.Onnx.Tests.Formulas;

public sealed class FusionFormulaTests
{
    private static readonly string[] Objectives = ["a", "b", "long view", "log", "it's", "1st"];

    [Fact]
    public void Evaluate_GoldenFormulas_AgreesWithPython()
    {
        var golden = GoldenFormulas.Instance;
        foreach (var entry in golden.Entries)
        {
            var formula = FusionFormula.Parse(entry.Formula, golden.Objectives);
            for (int row = 0; row < golden.Pxtrs.Length; row++)
            {
                double value = formula.Evaluate(golden.Pxtrs[row]);
                Assert.True(Math.Abs(value - entry.Values[row]) <= 1e-9 * Math.Max(1, Math.Abs(value)), $"{entry.Formula}: {value}, expected {entry.Values[row]}");
            }
        }
    }

    [Theory]
    [InlineData("-a^2", -9)]
    [InlineData("2^a^b", 512)]
    [InlineData("2^-a", 0.125)]
    [InlineData("2^--a", 8)]
    [InlineData("a-b-1", 0)]
    [InlineData("a/b/2", 0.75)]
    [InlineData("a*-b", -6)]
    [InlineData("- - a", 3)]
    [InlineData("+a", 3)]
    [InlineData("a + 1E+1 * 2e-1", 5)]
    [InlineData("\"long view\" + 'long view' + `long view`", 15)]
    [InlineData("log + log(a*0+1)", 7)]
    [InlineData("'it''s' * `1st`", 143)]
    [InlineData("\ta\n+ b ", 5)]
    [InlineData("min(a, b) + max(a, b)", 5)]
    public void Evaluate_Precedence_IsThatOfMathematics(string text, double expected) =>
        Assert.Equal(expected, FusionFormula.Parse(text, Objectives).Evaluate([3, 2, 5, 7, 11, 13]), 12);

    [Theory]
    [InlineData("log(a)", 0, double.NegativeInfinity)]
    [InlineData("sqrt(a)", -1, double.NaN)]
    [InlineData("1/a", 0, double.PositiveInfinity)]
    [InlineData("a/a", 0, double.NaN)]
    [InlineData("sigmoid(a)", -1000, 0)]
    [InlineData("sigmoid(a)", 1000, 1)]
    public void Evaluate_OutsideTheDomain_FollowsIeee(string text, double pxtr, double expected) =>
        Assert.Equal(expected, FusionFormula.Parse(text, ["a"]).Evaluate([pxtr]));

    [Theory]
    [InlineData("", 1, "the end of the formula came; expected a number, an objective, a function or '('")]
    [InlineData("   ", 4, "the end of the formula came; expected a number, an objective, a function or '('")]
    [InlineData("a +", 4, "the end of the formula came; expected a number, an objective, a function or '('")]
    [InlineData("a b", 3, "'b' came; expected an operator (+ - * / ^) or the end of the formula")]
    [InlineData("2a", 1, "'2a' is neither a number nor a name; expected a number like 0.5 or 1e-3, or a quoted objective")]
    [InlineData("a * (b", 7, "the end of the formula came; expected an operator (+ - * / ^) or the ')' for the '(' at position 5")]
    [InlineData("a * b)", 6, "')' came; expected an operator (+ - * / ^) or the end of the formula")]
    [InlineData("a * * b", 5, "'*' came; expected a number, an objective, a function or '('")]
    [InlineData("a ** b", 4, "'*' came; expected a number, an objective, a function or '('")]
    [InlineData("a, b", 2, "',' came; expected an operator (+ - * / ^) or the end of the formula")]
    [InlineData("a % b", 3, "'%' has no meaning in a formula; expected a number, an objective, a function or one of + - * / ^ ( ) ,")]
    [InlineData("a + c", 5, "there is no objective 'c'; expected one of a, b, long view, log, it's, 1st")]
    [InlineData("exp + a", 1, "there is no objective 'exp' (the function exp needs parentheses); expected one of a, b, long view, log, it's, 1st")]
    [InlineData("\"c\"", 1, "there is no objective 'c'; expected one of a, b, long view, log, it's, 1st")]
    [InlineData("a + \"b", 5, "this \" is never closed; expected another \" after the objective's name")]
    [InlineData("tanh(a)", 1, "there is no function 'tanh'; expected one of log, exp, sqrt, sigmoid, min, max, or an operator between an objective and '('")]
    [InlineData("a(b)", 1, "there is no function 'a'; expected one of log, exp, sqrt, sigmoid, min, max, or an operator between an objective and '('")]
    [InlineData("a * log(a, b)", 5, "log came with 2 arguments; expected 1")]
    [InlineData("min(a)", 1, "min came with 1 argument; expected 2")]
    [InlineData("min()", 5, "')' came; expected a number, an objective, a function or '('")]
    [InlineData("a + 1e999", 5, "'1e999' is too large for a double; expected a number below 1.8e308")]
    [InlineData("a + 1.2.3", 5, "'1.2.' is neither a number nor a name; expected a number like 0.5 or 1e-3, or a quoted objective")]
    [InlineData("a + 1e", 5, "'1e' is neither a number nor a name; expected a number like 0.5 or 1e-3, or a quoted objective")]
    [InlineData("a + .", 5, "'.' is not a number; expected one like 0.5 or 1e-3")]
    [InlineData("a + 1/0", 6, "'/' gives Infinity whatever the Pxtrs are; expected a finite number")]
    [InlineData("a + sqrt(-1)", 5, "'sqrt' gives NaN whatever the Pxtrs are; expected a finite number")]
    public void Parse_Unreadable_SaysWhereWhatAndWhatWasExpected(string text, int position, string message)
    {
        var exception = Assert.Throws<FormulaException>(() => FusionFormula.Parse(text, Objectives));

        Assert.Equal(position, exception.Position);
        Assert.Equal($"position {position}: {message}", exception.Message);
    }

    [Theory]
    [InlineData("1 + 2*3", "the formula is 7 whatever the Pxtrs are; expected one that uses an objective")]
    public void Parse_NoObjectiveInIt_IsRefused(string text, string message)
    {
        var exception = Assert.Throws<FormulaException>(() => FusionFormula.Parse(text, Objectives));

        Assert.Null(exception.Position);
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void Parse_ObjectiveListedTwice_IsRefused() =>
        Assert.Contains("'a' is listed twice", Assert.Throws<FormulaException>(() => FusionFormula.Parse("a", ["a", "b", "a"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_NestedOrLongWithoutEnd_IsRefused()
    {
        Assert.Contains("nested too deeply", Refusal(new string('(', 100_000)), StringComparison.Ordinal);
        Assert.Contains("nested too deeply", Refusal(new string('-', 100_000) + "a"), StringComparison.Ordinal);
        Assert.Contains("nested too deeply", Refusal(string.Concat(Enumerable.Repeat("a^", 100_000)) + "a"), StringComparison.Ordinal);
        Assert.Contains("too long", Refusal(string.Concat(Enumerable.Repeat("a+", 100_000)) + "a"), StringComparison.Ordinal);

        static string Refusal(string text) => Assert.Throws<FormulaException>(() => FusionFormula.Parse(text, Objectives)).Message;
    }

    [Fact]
    public void Parse_AnyText_IsAFormulaOrAnError()
    {
        string[] words = ["a", "b", "1", ".5", "1e", "e", "+", "-", "*", "/", "^", "(", ")", ",", "log", "min", "\"", "'", " ", "é", "\ud800", "\0"];
        var random = new Random(3);
        for (int round = 0; round < 50_000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => words[random.Next(words.Length)]));
            try
            {
                FusionFormula.Parse(text, Objectives).Evaluate([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
            }
            catch (FormulaException exception)
            {
                Assert.InRange(exception.Position ?? 1, 1, text.Length + 1);
            }
        }
    }

    [Fact]
    public void Evaluate_WrongNumberOfPxtrs_IsRefused() =>
        Assert.Throws<ArgumentException>(() => FusionFormula.Parse("a", Objectives).Evaluate([1]));
}
