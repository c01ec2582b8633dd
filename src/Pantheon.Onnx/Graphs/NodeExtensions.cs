using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>Reading a node.</summary>
internal static class NodeExtensions
{
    /// <summary>How messages name a node, so that it is found in any graph viewer.</summary>
    public static string Describe(this NodeProto node)
    {
        string operation = ModelChecks.IsDefaultDomain(node.Domain) ? node.OpType : $"{node.Domain}.{node.OpType}";
        if (operation == "Cast" && node.IntegerAttribute("to") is { } type)
        {
            operation = $"Cast to {(OnnxElementType)type}";
        }

        return node.Name.Length > 0 ? $"{operation} (node '{node.Name}')"
            : node.Output.Count > 0 ? $"{operation} (the node that makes '{node.Output[0]}')"
            : operation;
    }

    /// <summary>Value of an integer attribute; null if the node does not state it.</summary>
    public static long? IntegerAttribute(this NodeProto node, string name) => node.AttributeNamed(name)?.I;

    public static AttributeProto? AttributeNamed(this NodeProto node, string name)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.Name == name)
            {
                return attribute;
            }
        }

        return null;
    }
}
