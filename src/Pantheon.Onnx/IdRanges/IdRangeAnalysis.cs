using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.IdRanges;

/// <summary>
/// Finds which values of an integer input the graph can take: those that are positions in every table which the input reaches through
/// operators that only move elements. A value outside is refused by the runtime in mid-run at best; a negative one is read from the
/// table's end and scores a wrong row in silence.
/// </summary>
/// <remarks>
/// What is decided is right for each table reached, whatever else the graph does with the input. What the file does not fix
/// (arithmetic before the table, subgraphs, operators of other domains, tables of unknown size, parts of one input that go to tables of
/// different sizes) is not guessed but listed with its reason.
/// </remarks>
public static class IdRangeAnalysis
{
    /// <summary>One finding for each int32 and int64 input, in the order of the graph's inputs.</summary>
    public static IReadOnlyList<IdRangeFinding> Find(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = new GraphIndex(model.Proto.Graph);
        return [.. model.Inputs
            .Where(input => input.ElementType is OnnxElementType.Int32 or OnnxElementType.Int64)
            .Select(input => FindingOf(graph, input))];
    }

    private static IdRangeFinding FindingOf(GraphIndex graph, TensorInfo input)
    {
        var uses = new InputUses(graph, input);
        var known = uses.Tables.Where(table => table.Table is not null).ToList();
        var deciding = Deciding(known, uses);
        if (deciding.Count == 0)
        {
            return new IdRangeFinding { Input = input.Name, Reason = UndecidedReason.Of(graph, input.Name, uses, known) };
        }

        long largest = deciding.Min(table => table.Largest);
        if (largest < 0)
        {
            string none = $"{input.Name} indexes a table without rows; no value of it is valid";
            return new IdRangeFinding { Input = input.Name, Reason = none };
        }

        return new IdRangeFinding
        {
            Input = input.Name,
            Minimum = 0,
            Maximum = largest,
            Reason = $"{input.Name} indexes {string.Join(" and ", deciding.Select(Describe).Distinct())}",
            Notes = [.. Notes(input.Name, uses, known, deciding, largest).Distinct()],
        };
    }

    /// <summary>
    /// Tables that every element reaches decide. If only parts are seen to reach tables (columns cut from one input), their range is
    /// that of the whole only if all agree and nothing else reads the input.
    /// </summary>
    private static List<ReachedTable> Deciding(List<ReachedTable> known, InputUses uses)
    {
        var whole = known.Where(table => !table.IsPart).ToList();
        if (whole.Count > 0)
        {
            return whole;
        }

        bool agree = known.Count == uses.Tables.Count && uses.Others.Count == 0
            && known.Select(table => table.Largest).Distinct().Take(2).Count() == 1;
        return agree ? known : [];
    }

    private static IEnumerable<string> Notes(
        string input, InputUses uses, List<ReachedTable> known, List<ReachedTable> deciding, long largest)
    {
        foreach (var part in known.Where(table => table.IsPart && table.Largest < largest))
        {
            yield return $"a part of {input} also indexes {Describe(part)}, where only 0 to {part.Largest} is valid";
        }

        foreach (var unknown in uses.Tables.Except(known))
        {
            yield return $"{input} also indexes a table of unknown size in {unknown.Node.Describe()}";
        }

        foreach (var other in uses.Others)
        {
            yield return $"{input} also goes to {other.Node.Describe()}, about which the range says nothing";
        }

        if (deciding.All(table => table.IsPart))
        {
            yield return $"only parts of {input} are seen to reach the table; the range is taken for all of it";
        }
    }

    internal static string Describe(ReachedTable reached) => reached.Table is { } table
        ? $"'{table.Name}' ({table.Rows} rows) in {reached.Node.Describe()}"
        : $"a table of unknown size in {reached.Node.Describe()}";
}
