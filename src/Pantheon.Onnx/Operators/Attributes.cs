using Google.Protobuf;
using Pantheon.Onnx.Format;
using Kind = Pantheon.Onnx.Format.AttributeProto.Types.AttributeType;

namespace Pantheon.Onnx.Operators;

/// <summary>Attributes of a node.</summary>
internal static class Attributes
{
    public static AttributeProto Integer(string name, long value) => new() { Name = name, Type = Kind.Int, I = value };

    public static AttributeProto Number(string name, float value) => new() { Name = name, Type = Kind.Float, F = value };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = Kind.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Integers(string name, IEnumerable<long> values) => new() { Name = name, Type = Kind.Ints, Ints = { values } };
}
