using System.Numerics;
using System.Runtime.InteropServices;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Requests;

namespace Pantheon.Scoring.Engine;

/// <summary>
/// Checks a request's features against a model and makes them what the graph wants: raw ids become rows, a user
/// feature of a graph that does not broadcast becomes one row per candidate. Works in the features' own memory.
/// </summary>
internal static class FeatureBinder
{
    private const int MaxInputsOnStack = 256;

    // A message travels in a header, and clients refuse long ones.
    private const int MaxNamesInMessage = 20;

    /// <summary>Checks and prepares; afterwards every input's memory is where <see cref="Bind"/> finds it.</summary>
    /// <param name="bound">Room for one list per input.</param>
    /// <param name="candidates">The number of candidates found.</param>
    /// <returns>Why the request does not fit; null if it does.</returns>
    public static RankFault? Prepare(RankQuery query, LoadedModel model, EngineOptions options, PinnedList[] bound, out int candidates)
    {
        candidates = 0;
        var inputs = model.Inputs;
        Span<int> columns = inputs.Length <= MaxInputsOnStack ? stackalloc int[inputs.Length] : new int[inputs.Length];
        columns.Fill(-1);
        var fault = Match(query.UserFeatures, model, ofUser: true, columns) ?? Match(query.CandidateFeatures, model, ofUser: false, columns);
        for (var i = 0; i < inputs.Length && fault is null; i++)
        {
            if (columns[i] < 0)
            {
                fault = RankFault.Invalid(Side(inputs[i].OfUser), $"no feature '{inputs[i].Spec.Name}'", $"one ({Describe(inputs[i])})");
            }
        }

        fault ??= CountCandidates(query, model, options.MaxCandidates, columns, out candidates);
        fault ??= CheckIds(query, model, columns, candidates) ?? CheckTiledBytes(query, model, options, candidates);
        for (var i = 0; i < inputs.Length && fault is null; i++)
        {
            var column = (inputs[i].OfUser ? query.UserFeatures : query.CandidateFeatures)[columns[i]];
            fault = PrepareOne(column, inputs[i], candidates, out bound[i]);
        }

        return fault;
    }

    /// <summary>Binds the prepared inputs.</summary>
    public static void Bind(GraphRun run, LoadedModel model, PinnedList[] bound, int candidates)
    {
        var inputs = model.Inputs;
        for (var i = 0; i < inputs.Length; i++)
        {
            run.BindInput(i, bound[i].Address, inputs[i].ShapeTemplate, inputs[i].CandidateAxis, candidates);
        }
    }

    private static string Side(bool ofUser) => ofUser ? "user_features" : "candidate_features";

    private static string Field(ModelInput input) => $"{Side(input.OfUser)}['{input.Spec.Name}']";

    private static string TypeOf(ModelInput input) => input.Vocabulary?.Kind == VocabularyKind.String
        ? "STRING"
        : input.Spec.Type == ElementType.Float ? "FLOAT" : "INT64";

    private static string Describe(ModelInput input) =>
        $"{TypeOf(input)}, {input.Width} per {(input.OfUser ? "user" : "candidate")}";

    private static RankFault? Match(IReadOnlyList<FeatureColumn> features, LoadedModel model, bool ofUser, Span<int> columns)
    {
        for (var i = 0; i < features.Count; i++)
        {
            var name = features[i].Name;
            var index = model.IndexOfInput(name);
            if (index < 0)
            {
                var known = model.Inputs.Where(input => input.OfUser == ofUser).Select(input => input.Spec.Name).ToList();
                var more = known.Count > MaxNamesInMessage ? $" and {known.Count - MaxNamesInMessage} more" : "";
                return RankFault.Invalid(
                    $"{Side(ofUser)}[{i}].name", $"'{name}'", $"one of {string.Join(", ", known.Take(MaxNamesInMessage))}{more}");
            }

            if (model.Inputs[index].OfUser != ofUser)
            {
                return RankFault.Invalid($"{Side(ofUser)}['{name}']", "it here", $"it in {Side(!ofUser)}");
            }

            if (columns[index] >= 0)
            {
                return RankFault.Invalid($"{Side(ofUser)}['{name}']", "it more than once", "it once");
            }

            columns[index] = i;
        }

        return null;
    }

    // The ids say how many candidates there are; without ids the first candidate feature does.
    private static RankFault? CountCandidates(
        RankQuery query, LoadedModel model, int maxCandidates, ReadOnlySpan<int> columns, out int candidates)
    {
        candidates = query.Ids.ByteCount / sizeof(long);
        if (candidates == 0)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var input = model.Inputs[i];
                if (!input.OfUser)
                {
                    var column = query.CandidateFeatures[columns[i]];
                    candidates = (int)(Elements(column, input) / input.Width);
                    break;
                }
            }
        }

        return candidates == 0 || candidates > maxCandidates
            ? RankFault.Invalid("candidate_features", $"{candidates} candidates", $"1 to {maxCandidates}")
            : null;
    }

    // Where all candidate features agree with each other, it is the ids that do not match.
    private static RankFault? CheckIds(RankQuery query, LoadedModel model, ReadOnlySpan<int> columns, int candidates)
    {
        var agreed = -1L;
        for (var i = 0; i < columns.Length; i++)
        {
            var input = model.Inputs[i];
            if (input.OfUser)
            {
                continue;
            }

            var rows = RowsOf(query.CandidateFeatures[columns[i]], input);
            if (rows < 0 || rows == candidates || (agreed >= 0 && rows != agreed))
            {
                return null;
            }

            agreed = rows;
        }

        return RankFault.Invalid("candidate_ids", $"{candidates} ids", $"none or {agreed}, as the candidate features have {agreed} rows");
    }

    // Whole rows of the type wanted, or -1: then the feature is at fault, whatever the ids are.
    private static long RowsOf(FeatureColumn column, ModelInput input)
    {
        var isFloat = input.Spec.Type == ElementType.Float;
        var isText = input.Vocabulary?.Kind == VocabularyKind.String;
        var elements = isText ? column.TextCount : isFloat ? column.Floats.ByteCount / sizeof(float) : column.Int64s.ByteCount / sizeof(long);
        if (elements == 0 && !isText && column.StatedType == (isFloat ? 1 : 2) && column.Data.ByteCount % input.ElementSize == 0)
        {
            elements = column.Data.ByteCount / input.ElementSize;
        }

        return elements > 0 && elements % input.Width == 0 ? elements / input.Width : -1;
    }

    // What the service tiles itself is memory of the request, too.
    private static RankFault? CheckTiledBytes(RankQuery query, LoadedModel model, EngineOptions options, int candidates)
    {
        var bytes = query.FeatureBytes;
        foreach (var input in model.Inputs)
        {
            bytes += input.Tiled ? (long)input.Width * input.ElementSize * (candidates - 1) : 0;
        }

        return bytes > options.MaxFeatureBytes
            ? RankFault.Invalid(
                "user_features and candidate_features",
                $"{bytes} bytes of values with the user's repeated for {candidates} candidates",
                $"at most {options.MaxFeatureBytes}")
            : null;
    }

    private static long Elements(FeatureColumn column, ModelInput input) =>
        (column.Data.ByteCount / input.ElementSize) + (column.Floats.ByteCount / sizeof(float))
        + (column.Int64s.ByteCount / sizeof(long)) + column.TextCount;

    private static RankFault? PrepareOne(FeatureColumn column, ModelInput input, int candidates, out PinnedList bound)
    {
        var rows = input.OfUser ? 1 : candidates;
        var expected = rows * input.Width;
        var fault = Choose(column, input, rows, out bound);
        if (fault is not null)
        {
            return fault;
        }

        var isText = bound == column.TextBytes;
        var size = isText ? 1 : input.ElementSize;
        var count = isText ? column.TextCount : bound.ByteCount / size;
        if (bound == column.Data && bound.ByteCount != (long)expected * size)
        {
            return RankFault.Invalid($"{Field(input)}.data", $"{bound.ByteCount} bytes", $"{(long)expected * size} ({Rows(input, rows)} of {size} bytes)");
        }

        if (count != expected)
        {
            return RankFault.Invalid(Field(input), $"{count} values", $"{expected} ({Rows(input, rows)})");
        }

        if (isText)
        {
            bound = MapTexts(column, input.Vocabulary!);
        }
        else if (input.Spec.Type == ElementType.Float)
        {
            fault = input.Spec.AllowNonFinite ? null : CheckFinite(bound.Span<float>(), input);
        }
        else
        {
            fault = MapAndCheckIds(bound.Span<long>(), input);
        }

        if (fault is null && input.Tiled)
        {
            Tile(bound, candidates);
        }

        return fault;
    }

    private static string Rows(ModelInput input, int rows) => $"{rows} {(input.OfUser ? "user" : "candidates")} x {input.Width}";

    private static RankFault? Choose(FeatureColumn column, ModelInput input, int rows, out PinnedList bound)
    {
        bound = column.Data;
        var forms = 0;
        foreach (var list in (ReadOnlySpan<PinnedList>)[column.Data, column.Floats, column.Int64s])
        {
            if (list.ByteCount > 0)
            {
                bound = list;
                forms++;
            }
        }

        if (column.TextCount > 0)
        {
            bound = column.TextBytes;
            forms++;
        }

        if (forms != 1)
        {
            return RankFault.Invalid(
                Field(input),
                forms == 0 ? "no values" : $"{forms} of data, floats, int64s and strings",
                forms == 0 ? $"{rows * input.Width} ({Rows(input, rows)})" : "exactly one of them");
        }

        var stated = column.StatedType switch { 0 => null, 1 => "FLOAT", 2 => "INT64", 3 => "STRING", var other => $"type {other}" };
        var came = bound == column.Data ? stated : bound == column.Floats ? "FLOAT" : bound == column.Int64s ? "INT64" : "STRING";
        if (came is null)
        {
            return RankFault.Invalid($"{Field(input)}.type", "none", $"{TypeOf(input)}, because data is filled");
        }

        if (stated is not null && stated != came)
        {
            return RankFault.Invalid($"{Field(input)}.type", stated, $"{came}, because {came} values came");
        }

        return came == TypeOf(input) && !(came == "STRING" && bound == column.Data)
            ? null
            : RankFault.Invalid(Field(input), bound == column.Data ? $"{came} data" : $"{came} values", came == "STRING" && TypeOf(input) == came ? "STRING values" : TypeOf(input));
    }

    private static RankFault? MapAndCheckIds(Span<long> ids, ModelInput input)
    {
        if (input.Vocabulary is { } vocabulary)
        {
            // A vocabulary's rows are inside the range: the bundle was checked for it.
            foreach (ref var id in ids)
            {
                id = vocabulary.Map(id);
            }
        }
        else if (input.Spec.Range is { } range)
        {
            for (var i = 0; i < ids.Length; i++)
            {
                if (ids[i] < range.Min || ids[i] > range.Max)
                {
                    return RankFault.Invalid($"{Field(input)} row {i / input.Width}", $"id {ids[i]}", $"{range.Min} to {range.Max}");
                }
            }
        }

        return null;
    }

    private static PinnedList MapTexts(FeatureColumn column, Vocabulary vocabulary)
    {
        var rows = MemoryMarshal.Cast<byte, long>(column.Int64s.Append(column.TextCount * sizeof(long)));
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = vocabulary.Map(column.Text(i));
        }

        return column.Int64s;
    }

    private static RankFault? CheckFinite(ReadOnlySpan<float> values, ModelInput input)
    {
        // An exponent of all ones is NaN or infinity.
        const uint Exponent = 0x7F80_0000;
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var mask = new Vector<uint>(Exponent);
        var i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            if (Vector.EqualsAny(new Vector<uint>(bits[i..]) & mask, mask))
            {
                break;
            }
        }

        for (; i < bits.Length; i++)
        {
            if ((bits[i] & Exponent) == Exponent)
            {
                var came = values[i].ToString(System.Globalization.CultureInfo.InvariantCulture);
                return RankFault.Invalid($"{Field(input)} row {i / input.Width} column {i % input.Width}", came, "a finite number");
            }
        }

        return null;
    }

    // The user's row stands first; copies of it follow, doubling what is copied each time.
    private static void Tile(PinnedList list, int candidates)
    {
        var row = list.ByteCount;
        list.Append(checked(row * (candidates - 1)));
        var all = list.Span<byte>();
        for (var done = row; done < all.Length; done *= 2)
        {
            all[..Math.Min(done, all.Length - done)].CopyTo(all[done..]);
        }
    }
}
