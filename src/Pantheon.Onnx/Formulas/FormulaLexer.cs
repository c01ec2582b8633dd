using System.Globalization;
using System.Text;

namespace Pantheon.Onnx.Formulas;

/// <summary>Cuts a formula into its words.</summary>
internal sealed class FormulaLexer(string text)
{
    private const string Symbols = "+-*/^(),";
    private const string SymbolList = "+ - * / ^ ( ) ,";
    private const string Quotes = "\"'`";
    private int _at;

    public FormulaToken Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        if (_at == text.Length)
        {
            return new FormulaToken(TokenKind.End, _at + 1, "");
        }

        char first = text[_at];
        return Symbols.Contains(first) ? new FormulaToken(TokenKind.Symbol, ++_at, first.ToString())
            : Quotes.Contains(first) ? QuotedName(first)
            : char.IsAsciiDigit(first) || first == '.' ? Number()
            : IsNamePart(first) ? Name()
            : throw new FormulaException(_at + 1,
                $"'{first}' has no meaning in a formula; expected a number, an objective, a function or one of {SymbolList}");
    }

    private static bool IsNamePart(char character) => character == '_' || char.IsLetterOrDigit(character);

    private FormulaToken Name()
    {
        int start = _at;
        while (_at < text.Length && IsNamePart(text[_at]))
        {
            _at++;
        }

        return new FormulaToken(TokenKind.Name, start + 1, text[start.._at]);
    }

    /// <summary>A doubled quote inside stands for itself.</summary>
    private FormulaToken QuotedName(char quote)
    {
        int start = _at++;
        var name = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            if (text[_at] != quote)
            {
                name.Append(text[_at]);
            }
            else if (_at + 1 < text.Length && text[_at + 1] == quote)
            {
                name.Append(text[_at++]);
            }
            else
            {
                _at++;
                return new FormulaToken(TokenKind.QuotedName, start + 1, name.ToString());
            }
        }

        throw new FormulaException(start + 1, $"this {quote} is never closed; expected another {quote} after the objective's name");
    }

    private FormulaToken Number()
    {
        int start = _at;
        SkipDigits();
        if (At('.'))
        {
            _at++;
            SkipDigits();
        }

        // An e that no digits follow begins no exponent; what comes of it is told below.
        if ((At('e') || At('E')) && ExponentDigitsAt() is var digits and > 0)
        {
            _at = digits;
            SkipDigits();
        }

        string number = text[start.._at];
        if (_at < text.Length && (IsNamePart(text[_at]) || text[_at] == '.'))
        {
            throw new FormulaException(start + 1,
                $"'{number}{text[_at]}' is neither a number nor a name; expected a number like 0.5 or 1e-3, or a quoted objective");
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(number, Style, CultureInfo.InvariantCulture, out double value))
        {
            throw new FormulaException(start + 1, $"'{number}' is not a number; expected one like 0.5 or 1e-3");
        }

        return double.IsFinite(value)
            ? new FormulaToken(TokenKind.Number, start + 1, number, value)
            : throw new FormulaException(start + 1, $"'{number}' is too large for a double; expected a number below 1.8e308");
    }

    private int ExponentDigitsAt()
    {
        int at = _at + 1;
        if (at < text.Length && text[at] is '+' or '-')
        {
            at++;
        }

        return at < text.Length && char.IsAsciiDigit(text[at]) ? at : 0;
    }

    private void SkipDigits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }
    }

    private bool At(char character) => _at < text.Length && text[_at] == character;
}
