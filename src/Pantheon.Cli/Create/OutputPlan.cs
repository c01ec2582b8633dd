using Pantheon.Bundles;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Cli.Create;

/// <summary>Holds what the user said of the outputs against what the graph has and gives.</summary>
internal static class OutputPlan
{
    /// <summary>The names that are read: the score, then the Pxtrs.</summary>
    /// <exception cref="CommandFailure">They are not there, or cannot be what they are said to be.</exception>
    public static IReadOnlyList<string> Names(OnnxModel model, CreateRequest request)
    {
        CheckPxtrs(model, request);
        var score = model.Outputs.FirstOrDefault(output => output.Name == request.Score)
            ?? throw new CommandFailure(
                $"the graph has no output '{request.Score}' for the score; it has {Tensors.List(model.Outputs)}: name it with --score, "
                + $"or append a fusion of its Pxtrs with --formula, such as --formula \"{Suggestion(request.Objectives)}\"");
        CheckType(score);
        return request.Pxtrs.Contains(request.Score, StringComparer.Ordinal)
            ? throw new CommandFailure($"output '{request.Score}' is in --score and in --pxtr, expected it in one of them")
            : [request.Score, .. request.Pxtrs];
    }

    /// <summary>Everything about the Pxtrs that the file tells.</summary>
    public static void CheckPxtrs(OnnxModel model, CreateRequest request)
    {
        foreach (var name in request.Pxtrs)
        {
            CheckType(model.Outputs.FirstOrDefault(output => output.Name == name)
                ?? throw new CommandFailure($"--pxtr names '{name}', which is no output of the graph; its outputs are {Tensors.List(model.Outputs)}"));
        }

        var (pxtrs, objectives) = (request.Pxtrs.Count, request.Objectives.Count);
        if (pxtrs == 0 && objectives > 0)
        {
            throw new CommandFailure($"--objectives names {objectives} objectives and there is no --pxtr: name the outputs that hold them");
        }

        if (pxtrs > 1 && pxtrs != objectives)
        {
            throw new CommandFailure($"--pxtr names {pxtrs} outputs for {objectives} objectives, expected one for all of them or one for each");
        }

        if (pxtrs == 1)
        {
            // A column count that the file fixes is judged before anything is built on it.
            var shape = model.Outputs.First(output => output.Name == request.Pxtrs[0]).Shape;
            if (shape is { Count: 2 } && shape[1].Value is { } columns)
            {
                CheckColumns(request, columns);
            }
        }
    }

    /// <summary>What the manifest says of the outputs.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="shapes">By place in <see cref="Names"/>, found by running; null is the candidate dimension.</param>
    public static IReadOnlyList<OutputSpec> Specs(CreateRequest request, IReadOnlyList<IReadOnlyList<long?>> shapes)
    {
        CheckShape(request.Score, shapes[0], 1, "[candidates] or [candidates,1]");
        var outputs = new List<OutputSpec> { new() { Name = request.Score, Role = OutputRole.Score, Shape = shapes[0] } };
        for (var i = 0; i < request.Pxtrs.Count; i++)
        {
            var shape = shapes[i + 1];
            if (request.Pxtrs.Count == 1 && shape.Count == 2)
            {
                CheckColumns(request, shape[1] ?? 0);
            }

            var columns = request.Pxtrs.Count == 1 ? request.Objectives.Count : 1;
            CheckShape(request.Pxtrs[i], shape, columns, columns == 1 ? "[candidates] or [candidates,1]" : $"[candidates,{columns}]");
            outputs.Add(new OutputSpec { Name = request.Pxtrs[i], Role = OutputRole.Pxtr, Shape = shape });
        }

        return outputs;
    }

    private static void CheckColumns(CreateRequest request, long columns)
    {
        if (columns != request.Objectives.Count)
        {
            var names = request.Objectives.Count == 0 ? "" : $" ({string.Join(", ", request.Objectives)})";
            throw new CommandFailure(
                $"output '{request.Pxtrs[0]}' has {columns} columns and --objectives names {request.Objectives.Count}{names}, expected a name for each column");
        }
    }

    private static void CheckShape(string name, IReadOnlyList<long?> shape, int columns, string expected)
    {
        var fits = shape.Count switch
        {
            1 => shape[0] is null && columns == 1,
            2 => shape[0] is null && shape[1] == columns,
            _ => false,
        };
        if (!fits)
        {
            throw new CommandFailure(
                $"output '{name}' has shape [{string.Join(',', shape.Select(dimension => dimension?.ToString() ?? "candidates"))}], expected {expected}");
        }
    }

    private static void CheckType(TensorInfo output)
    {
        if (output.ElementType is not (OnnxElementType.Float or OnnxElementType.Undefined))
        {
            throw new CommandFailure($"output '{output.Name}' is {output.Description}, expected Float: cast it to float32 inside the graph");
        }
    }

    internal static string Suggestion(IReadOnlyList<string> objectives) => objectives.Count switch
    {
        0 => "(1+is_click)^1.0 * (1+long_view)^0.5",
        1 => objectives[0],
        _ => $"(1+{objectives[0]})^1.0 * (1+{objectives[1]})^0.5",
    };
}
