using Pantheon.Bundles;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.IdRanges;

namespace Pantheon.Cli.Create;

/// <summary>Holds what the user said of the inputs against what the graph has.</summary>
internal static class InputPlan
{
    /// <returns>The inputs in the graph's order.</returns>
    /// <exception cref="CommandFailure">They do not fit.</exception>
    public static IReadOnlyList<DraftInput> Of(OnnxModel model, CreateRequest request)
    {
        CheckNames(model, "--user", request.UserInputs);
        CheckNames(model, "--candidates", request.CandidateInputs);
        CheckNames(model, "--range", request.Ranges.Keys);
        CheckNames(model, "--vocabulary", request.Vocabularies.Keys);
        CheckNames(model, "--allow-non-finite", request.AllowNonFinite);
        foreach (var input in request.UnknownRows.Keys.Except(request.Vocabularies.Keys, StringComparer.Ordinal))
        {
            throw new CommandFailure($"--unknown names '{input}', which has no --vocabulary");
        }

        var findings = IdRangeAnalysis.Find(model).ToDictionary(finding => finding.Input, StringComparer.Ordinal);
        return [.. model.Inputs.Select(tensor => Draft(tensor, request, findings.GetValueOrDefault(tensor.Name)))];
    }

    private static DraftInput Draft(TensorInfo tensor, CreateRequest request, IdRangeFinding? finding)
    {
        var type = TypeOf(tensor);
        var side = SideOf(tensor, request);
        if (type == ElementType.Float)
        {
            RefuseIdOptions(tensor, request);
        }
        else if (request.AllowNonFinite.Contains(tensor.Name, StringComparer.Ordinal))
        {
            throw new CommandFailure($"--allow-non-finite names '{tensor.Name}', which is Int64: only Float inputs can hold NaN and infinity");
        }

        var found = finding is { IsDecided: true } ? new IdRange(finding.Minimum.Value, finding.Maximum.Value) : null;
        return new DraftInput
        {
            Tensor = tensor,
            Type = type,
            Side = side,
            OpenAxis = OpenAxisOf(tensor, side),
            Range = RangeOf(tensor, request, found),
            RawIds = request.Vocabularies.TryGetValue(tensor.Name, out var path)
                ? RawIdTable.Read(tensor.Name, path, request.UnknownRows.TryGetValue(tensor.Name, out var row) ? row : null)
                : null,
            AllowNonFinite = request.AllowNonFinite.Contains(tensor.Name, StringComparer.Ordinal),
        };
    }

    private static ElementType TypeOf(TensorInfo tensor) => tensor.ElementType switch
    {
        OnnxElementType.Float => ElementType.Float,
        OnnxElementType.Int64 => ElementType.Int64,
        OnnxElementType.Double or OnnxElementType.Float16 or OnnxElementType.BFloat16 =>
            throw new CommandFailure($"input '{tensor.Name}' is {tensor.ElementType}, expected Float: export it as float32 and cast inside the graph"),
        OnnxElementType.NotATensor =>
            throw new CommandFailure($"input '{tensor.Name}' is no tensor, expected Float or Int64"),
        var other => throw new CommandFailure($"input '{tensor.Name}' is {other}, expected Int64 or Float: export it as int64 and cast inside the graph"),
    };

    private static FeatureSide SideOf(TensorInfo tensor, CreateRequest request)
    {
        var ofUser = request.UserInputs.Contains(tensor.Name, StringComparer.Ordinal);
        var ofCandidates = request.CandidateInputs.Contains(tensor.Name, StringComparer.Ordinal);
        return (ofUser, ofCandidates) switch
        {
            (true, false) => FeatureSide.User,
            (false, true) => FeatureSide.Candidate,
            (true, true) => throw new CommandFailure($"input '{tensor.Name}' is in --user and in --candidates, expected it in one of them"),
            _ => throw new CommandFailure($"the graph's input '{tensor.Name}' ({tensor.Description}) is neither in --user nor in --candidates: name it in one of them"),
        };
    }

    private static int OpenAxisOf(TensorInfo tensor, FeatureSide side)
    {
        if (tensor.Shape is not { } shape)
        {
            throw new CommandFailure($"input '{tensor.Name}' states no shape: export it with its shape");
        }

        var open = Enumerable.Range(0, shape.Count).Where(axis => shape[axis].Value is null).ToList();
        if (open.Count == 0)
        {
            return side == FeatureSide.User ? -1 : throw new CommandFailure(shape.Count == 0
                ? $"candidate input '{tensor.Name}' is a scalar, expected a dimension for the candidates: export it with a dynamic axis"
                : $"{tensor.Name} has a fixed first dimension {shape[0].Value}: export it with a dynamic axis");
        }

        if (open.Count > 1)
        {
            throw new CommandFailure($"input '{tensor.Name}' is {tensor.Description}, with {open.Count} open dimensions, expected one (the rows): export it with the others fixed");
        }

        return shape.Take(open[0]).All(dimension => dimension.Value == 1)
            ? open[0]
            : throw new CommandFailure($"input '{tensor.Name}' is {tensor.Description}, expected the open dimension first, or after dimensions of 1 only");
    }

    private static IdRange? RangeOf(TensorInfo tensor, CreateRequest request, IdRange? found)
    {
        if (!request.Ranges.TryGetValue(tensor.Name, out var stated))
        {
            return found;
        }

        return found is null || (stated.Min >= found.Min && stated.Max <= found.Max)
            ? stated
            : throw new CommandFailure($"--range: got {tensor.Name}={stated.Min}:{stated.Max}, but the graph only takes {found.Min} to {found.Max}");
    }

    private static void RefuseIdOptions(TensorInfo tensor, CreateRequest request)
    {
        var option = request.Ranges.ContainsKey(tensor.Name) ? "--range"
            : request.Vocabularies.ContainsKey(tensor.Name) ? "--vocabulary" : null;
        if (option is not null)
        {
            throw new CommandFailure($"{option} names '{tensor.Name}', which is Float: only Int64 inputs hold ids");
        }
    }

    private static void CheckNames(OnnxModel model, string option, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (!model.Inputs.Any(input => input.Name == name))
            {
                throw new CommandFailure($"{option} names '{name}', which is no input of the graph; its inputs are {Tensors.List(model.Inputs)}");
            }
        }
    }
}
