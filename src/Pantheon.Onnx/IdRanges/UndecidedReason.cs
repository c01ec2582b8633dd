using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.IdRanges;

/// <summary>Says why the graph does not decide an input's range, and what to do about it.</summary>
internal static class UndecidedReason
{
    // Nodes named in one message; a reader needs a place to begin, not all of them.
    private const int Shown = 3;

    public static string Of(GraphIndex graph, string input, InputUses uses, List<ReachedTable> known)
    {
        string state = $"state its range with --range {input}=MIN:MAX";
        if (known.Count > 0)
        {
            return $"parts of {input} go different ways ({string.Join("; ", Ways(uses).Distinct().Take(2 * Shown))}); " +
                $"give each part its own input, or {state}";
        }

        if (uses.Tables.Count > 0)
        {
            return $"{input} indexes a table whose size the file does not fix, in {uses.Tables[0].Node.Describe()}; {state}";
        }

        foreach (var other in uses.Others)
        {
            if (ValueFlows.IsIndex(other))
            {
                return $"{input} is used by {other.Node.Describe()} as positions along several dimensions; {state}";
            }

            if (other.Slot == NodeUse.Captured)
            {
                return $"{input} is used inside a subgraph of {other.Node.Describe()}, which is not looked into; {state}";
            }
        }

        var changed = uses.Others.Where(other => IndexAfter(graph, other.Node) is not null).Select(other => other.Node).Distinct().ToList();
        if (changed.Count > 0)
        {
            string index = IndexAfter(graph, changed[0])!.Describe();
            return $"{input} goes through {string.Join(" and ", changed.Take(Shown).Select(node => node.Describe()))} " +
                $"before {index} uses it; {state}";
        }

        return uses.Others.Count == 0
            ? $"{input} is not used as an index of a table; if only some of its values are valid, {state}"
            : $"{input} is not seen to index a table: it goes to {uses.Others[0].Node.Describe()}; " +
                $"if only some of its values are valid, {state}";
    }

    private static IEnumerable<string> Ways(InputUses uses) =>
        uses.Tables.Select(IdRangeAnalysis.Describe).Concat(uses.Others.Select(other => other.Node.Describe()));

    /// <summary>The first node after this one that uses anything made from it as positions.</summary>
    private static NodeProto? IndexAfter(GraphIndex graph, NodeProto first)
    {
        var seen = new HashSet<string>(first.Output, StringComparer.Ordinal);
        var open = new Queue<string>(seen);
        while (open.TryDequeue(out string? value))
        {
            foreach (var use in graph.UsesOf(value))
            {
                if (ValueFlows.IsIndex(use))
                {
                    return use.Node;
                }

                foreach (string output in use.Node.Output)
                {
                    if (seen.Add(output))
                    {
                        open.Enqueue(output);
                    }
                }
            }
        }

        return null;
    }
}
