using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pantheon.Bundles;

/// <summary>Nested lists of one tensor, checked against its shape number by number.</summary>
internal sealed class GoldenTensorReader
{
    private readonly string _file;
    private readonly string _path;
    private readonly IReadOnlyList<long?> _shape;
    private readonly IdRange? _range;
    private readonly List<float>? _floats;
    private readonly List<long>? _int64s;
    private readonly long[] _found;
    private readonly int[] _position;

    public GoldenTensorReader(string file, string path, ElementType type, IReadOnlyList<long?> shape, IdRange? range)
    {
        _file = file;
        _path = path;
        _shape = shape;
        _range = range;
        _floats = type == ElementType.Float ? [] : null;
        _int64s = type == ElementType.Int64 ? [] : null;
        _found = [.. shape.Select(dimension => dimension ?? -1)];
        _position = new int[shape.Count];
    }

    /// <summary>Rows found where the shape has the candidate dimension; null where it has none.</summary>
    public long? Candidates { get; private set; }

    public GoldenTensor Read(ref Utf8JsonReader json)
    {
        json.Read();
        ReadDimension(ref json, 0);
        for (var depth = 0; depth < _shape.Count; depth++)
        {
            if (_shape[depth] is null)
            {
                Candidates = _found[depth];
            }
        }

        return new GoldenTensor { Shape = _found, Floats = _floats?.ToArray(), Int64s = _int64s?.ToArray() };
    }

    private void ReadDimension(ref Utf8JsonReader json, int depth)
    {
        if (depth == _shape.Count)
        {
            ReadNumber(ref json);
            return;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw Refused(depth, GoldenReader.Describe(ref json), $"a list, as the shape is {Show(_shape)}");
        }

        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            _position[depth] = count++;
            ReadDimension(ref json, depth + 1);
        }

        if (_found[depth] < 0 && count > 0)
        {
            _found[depth] = count;
        }
        else if (count != _found[depth])
        {
            var expected = _found[depth] < 0 ? "at least one" : _found[depth].ToString(CultureInfo.InvariantCulture);
            throw Refused(depth, $"{count} elements", $"{expected}, as the shape is {Show(_shape)}");
        }
    }

    private void ReadNumber(ref Utf8JsonReader json)
    {
        var isNumber = json.TokenType == JsonTokenType.Number;
        if (_floats is not null)
        {
            if (!isNumber || !json.TryGetSingle(out var value) || !float.IsFinite(value))
            {
                throw Refused(_shape.Count, GoldenReader.Describe(ref json), "a finite number of 32-bit floating point");
            }

            _floats.Add(value);
            return;
        }

        if (!isNumber || !json.TryGetInt64(out var id))
        {
            throw Refused(_shape.Count, GoldenReader.Describe(ref json), "an integer of 64 bits");
        }

        if (_range is not null && (id < _range.Min || id > _range.Max))
        {
            throw Refused(_shape.Count, GoldenReader.Describe(ref json), $"an id from {_range.Min} to {_range.Max}");
        }

        _int64s!.Add(id);
    }

    private static string Show(IReadOnlyList<long?> shape) =>
        $"[{string.Join(", ", shape.Select(dimension => dimension?.ToString(CultureInfo.InvariantCulture) ?? "candidates"))}]";

    private BundleException Refused(int depth, string came, string expected)
    {
        var where = new StringBuilder(_path);
        for (var index = 0; index < depth; index++)
        {
            where.Append(CultureInfo.InvariantCulture, $"[{_position[index]}]");
        }

        return new BundleException($"{_file}: {where}: {came}, expected {expected}");
    }
}
