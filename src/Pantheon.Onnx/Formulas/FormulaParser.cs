namespace Pantheon.Onnx.Formulas;

/// <summary>
/// Reads a formula by recursive descent:
/// <code>
/// sum      = product { ("+" | "-") product }
/// product  = signed { ("*" | "/") signed }
/// signed   = { "+" | "-" } power
/// power    = operand [ "^" signed ]
/// operand  = number | objective | function "(" sum { "," sum } ")" | "(" sum ")"
/// </code>
/// so that, as on paper, -a^b is -(a^b), a^b^c is a^(b^c) and a^-b needs no parentheses. Operations on numbers alone are done here.
/// </summary>
internal sealed class FormulaParser
{
    // Together they bound the recursion here and in all that walks the tree (a chain of sums is as deep as it is long): far above what
    // anyone writes, far below any stack.
    private const int MaximumDepth = 256;
    private const int MaximumTokens = 4_000;

    private readonly FormulaLexer _lexer;
    private readonly IReadOnlyList<string> _objectives;
    private FormulaToken _token;
    private int _depth;
    private int _tokens;

    private FormulaParser(string text, IReadOnlyList<string> objectives)
    {
        _lexer = new FormulaLexer(text);
        _objectives = objectives;
        Advance();
    }

    public static Expression Parse(string text, IReadOnlyList<string> objectives)
    {
        var parser = new FormulaParser(text, objectives);
        var formula = parser.Sum();
        return parser._token.Kind == TokenKind.End
            ? formula
            : throw parser.Unexpected("an operator (+ - * / ^) or the end of the formula");
    }

    private Expression Sum()
    {
        var left = Product();
        while (_token.Is('+') || _token.Is('-'))
        {
            var operation = Advance();
            left = Combine(operation, operation.Is('+') ? BinaryOperation.Add : BinaryOperation.Subtract, left, Product());
        }

        return left;
    }

    private Expression Product()
    {
        var left = Signed();
        while (_token.Is('*') || _token.Is('/'))
        {
            var operation = Advance();
            left = Combine(operation, operation.Is('*') ? BinaryOperation.Multiply : BinaryOperation.Divide, left, Signed());
        }

        return left;
    }

    private Expression Signed()
    {
        if (!_token.Is('-') && !_token.Is('+'))
        {
            return Power();
        }

        var sign = Advance();
        Descend(sign);
        var operand = Signed();
        _depth--;
        return sign.Is('-') ? Combine(sign, UnaryOperation.Negate, operand) : operand;
    }

    private Expression Power()
    {
        var left = Operand();
        if (!_token.Is('^'))
        {
            return left;
        }

        var operation = Advance();
        Descend(operation);
        var right = Signed();
        _depth--;
        return Combine(operation, BinaryOperation.Power, left, right);
    }

    private Expression Operand()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Advance();
                return new Expression.Number(token.Number);
            case TokenKind.QuotedName:
                Advance();
                return ObjectiveOf(token, "");
            case TokenKind.Name:
                Advance();
                return _token.Is('(') ? Call(token) : ObjectiveOf(token, FormulaFunctions.Hint(token.Text));
            case TokenKind.Symbol when token.Is('('):
                Advance();
                Descend(token);
                var inner = Sum();
                _depth--;
                Expect(')', token);
                return inner;
            default:
                throw Unexpected("a number, an objective, a function or '('");
        }
    }

    private Expression Call(FormulaToken name)
    {
        if (FormulaFunctions.Find(name.Text) is not { } function)
        {
            throw new FormulaException(name.Position,
                $"there is no function '{name.Text}'; expected one of {FormulaFunctions.Names}, " +
                "or an operator between an objective and '('");
        }

        var open = Advance();
        Descend(open);
        var arguments = new List<Expression> { Sum() };
        while (_token.Is(','))
        {
            Advance();
            arguments.Add(Sum());
        }

        _depth--;
        Expect(')', open);
        if (arguments.Count != function.Arguments)
        {
            throw new FormulaException(name.Position,
                $"{name.Text} came with {arguments.Count} argument{(arguments.Count == 1 ? "" : "s")}; expected {function.Arguments}");
        }

        return function.Unary is { } unary
            ? Combine(name, unary, arguments[0])
            : Combine(name, function.Binary!.Value, arguments[0], arguments[1]);
    }

    private Expression.Objective ObjectiveOf(FormulaToken token, string hint)
    {
        for (int index = 0; index < _objectives.Count; index++)
        {
            if (_objectives[index] == token.Text)
            {
                return new Expression.Objective(index);
            }
        }

        throw new FormulaException(token.Position,
            $"there is no objective '{token.Text}'{hint}; expected one of {string.Join(", ", _objectives)}");
    }

    private static Expression Combine(FormulaToken token, UnaryOperation operation, Expression operand) =>
        operand is Expression.Number number
            ? Folded(token, operation.Apply(number.Value))
            : new Expression.Unary(operation, operand);

    private static Expression Combine(FormulaToken token, BinaryOperation operation, Expression left, Expression right) =>
        (left, right) switch
        {
            (Expression.Number a, Expression.Number b) => Folded(token, operation.Apply(a.Value, b.Value)),
            // What a formula written by a tuner is full of. Exact in IEEE arithmetic, also for what is not finite.
            (_, Expression.Number { Value: 1 })
                when operation is BinaryOperation.Power or BinaryOperation.Multiply or BinaryOperation.Divide => left,
            (Expression.Number { Value: 1 }, _) when operation is BinaryOperation.Multiply => right,
            _ => new Expression.Binary(operation, left, right),
        };

    private static Expression.Number Folded(FormulaToken token, double value) => double.IsFinite(value)
        ? new Expression.Number(value)
        : throw new FormulaException(token.Position, $"'{token.Text}' gives {value} whatever the Pxtrs are; expected a finite number");

    private FormulaToken Advance()
    {
        var token = _token;
        _token = _lexer.Next();
        if (++_tokens > MaximumTokens)
        {
            throw new FormulaException(_token.Position, $"the formula is too long; expected at most {MaximumTokens} words");
        }

        return token;
    }

    private void Descend(FormulaToken token)
    {
        if (++_depth > MaximumDepth)
        {
            throw new FormulaException(token.Position, $"the formula is nested too deeply; expected at most {MaximumDepth} levels");
        }
    }

    private void Expect(char symbol, FormulaToken open)
    {
        if (!_token.Is(symbol))
        {
            throw Unexpected($"an operator (+ - * / ^) or the '{symbol}' for the '(' at position {open.Position}");
        }

        Advance();
    }

    private FormulaException Unexpected(string expected) => new(_token.Position, $"{_token.Description} came; expected {expected}");
}
