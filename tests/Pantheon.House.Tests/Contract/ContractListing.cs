using Google.Protobuf.Reflection;

namespace Pantheon.House.Tests.Contract;

/// <summary>Lists what a .proto file promises, from its descriptor.</summary>
internal static class ContractListing
{
    public static IReadOnlyList<ContractEntry> Of(FileDescriptor file)
    {
        List<ContractEntry> entries = [];
        FileDescriptorProto proto = file.ToProto();
        Add(entries, "file", file.Name,
            ("package", proto.Package), ("syntax", proto.Syntax), ("csharp_namespace", proto.Options?.CsharpNamespace ?? ""),
            ("go_package", proto.Options?.GoPackage ?? ""), ("java_package", proto.Options?.JavaPackage ?? ""),
            ("java_multiple_files", Text(proto.Options?.JavaMultipleFiles ?? false)));
        foreach (ServiceDescriptor service in file.Services)
        {
            AddService(entries, service);
        }

        foreach (MessageDescriptor message in file.MessageTypes)
        {
            AddMessage(entries, message);
        }

        foreach (EnumDescriptor type in file.EnumTypes)
        {
            AddEnum(entries, type);
        }

        return entries;
    }

    private static void AddService(List<ContractEntry> entries, ServiceDescriptor service)
    {
        Add(entries, "service", service.FullName);
        foreach (MethodDescriptor method in service.Methods)
        {
            Add(entries, "method", method.FullName,
                ("request", method.InputType.FullName), ("request_stream", Text(method.IsClientStreaming)),
                ("response", method.OutputType.FullName), ("response_stream", Text(method.IsServerStreaming)));
        }
    }

    private static void AddMessage(List<ContractEntry> entries, MessageDescriptor message)
    {
        Add(entries, "message", message.FullName);
        foreach (FieldDescriptor field in message.Fields.InFieldNumberOrder())
        {
            Add(entries, "field", field.FullName,
                ("number", $"{field.FieldNumber}"), ("type", Type(field)), ("label", Label(field)), ("json", field.JsonName));
        }

        foreach (MessageDescriptor nested in message.NestedTypes.Where(nested => !(nested.ToProto().Options?.MapEntry ?? false)))
        {
            AddMessage(entries, nested);
        }

        foreach (EnumDescriptor nested in message.EnumTypes)
        {
            AddEnum(entries, nested);
        }
    }

    private static void AddEnum(List<ContractEntry> entries, EnumDescriptor type)
    {
        Add(entries, "enum", type.FullName);
        foreach (EnumValueDescriptor value in type.Values)
        {
            // The descriptor's own full name leaves the enum's name out, as C++ scopes it.
            Add(entries, "value", $"{type.FullName}.{value.Name}", ("number", $"{value.Number}"));
        }
    }

    private static string Type(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return $"map<{Type(field.MessageType.FindFieldByNumber(1))},{Type(field.MessageType.FindFieldByNumber(2))}>";
        }

        return field.FieldType switch
        {
            FieldType.Message or FieldType.Group => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            FieldType scalar => Lower(scalar),
        };
    }

    private static string Label(FieldDescriptor field) => field switch
    {
        { IsMap: true } => "map",
        { IsRepeated: true } => "repeated",
        { RealContainingOneof: { } oneof } => $"oneof:{oneof.Name}",
        { ContainingOneof: not null } => "optional",
        _ => "singular",
    };

#pragma warning disable CA1308 // Proto type names are lower case.
    private static string Lower(FieldType type) => type.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static string Text(bool value) => value ? "true" : "false";

    private static void Add(List<ContractEntry> entries, string kind, string name, params ReadOnlySpan<(string Key, string Value)> facts)
    {
        List<KeyValuePair<string, string>> list = [];
        foreach ((string key, string value) in facts)
        {
            list.Add(new(key, value));
        }

        entries.Add(new ContractEntry(kind, name, list));
    }
}
