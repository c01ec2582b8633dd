using Google.Protobuf;
using Google.Protobuf.Reflection;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Pantheon.House.Tests.Contract;

/// <summary>The guard itself, on a small contract and every way to change it.</summary>
public sealed class ContractComparisonTests
{
    private static readonly Dictionary<string, (Action<FileDescriptorProto> Apply, string Expected)> s_breaking = new()
    {
        ["field removed"] = (file => Ask(file).Field.RemoveAt(1), "field demo.Ask.count was removed"),
        ["field renumbered"] = (file => Ask(file).Field[0].Number = 9, "field demo.Ask.name: number was 1, is now 9"),
        ["field renamed"] = (file => Ask(file).Field[0].Name = "title", "field demo.Ask.name was removed and its number 1 is now demo.Ask.title"),
        ["field retyped"] = (file => Ask(file).Field[1].Type = Type.Int64, "field demo.Ask.count: type was int32, is now int64"),
        ["field of another message type"] = (
            file => { Ask(file).Field[4].Type = Type.Message; Ask(file).Field[4].TypeName = ".demo.Answer"; },
            "field demo.Ask.kinds: type was demo.Kind, is now demo.Answer"),
        ["field became repeated"] = (file => Ask(file).Field[0].Label = Label.Repeated, "field demo.Ask.name: label was singular, is now repeated"),
        ["field lost its presence"] = (LosePresence, "field demo.Ask.limit: label was optional, is now singular"),
        ["field moved into a oneof"] = (
            MoveIntoOneof,
            "field demo.Ask.name: label was singular, is now oneof:which"),
        ["json name changed"] = (file => Ask(file).Field[3].JsonName = "note", "field demo.Ask.long_note: json was longNote, is now note"),
        ["message removed"] = (file => { file.MessageType.RemoveAt(2); }, "message demo.Spare was removed"),
        ["enum value removed"] = (file => file.EnumType[0].Value.RemoveAt(1), "value demo.Kind.KIND_ONE was removed"),
        ["enum value renumbered"] = (file => file.EnumType[0].Value[1].Number = 5, "value demo.Kind.KIND_ONE: number was 1, is now 5"),
        ["enum value renamed"] = (
            file => file.EnumType[0].Value[1].Name = "KIND_UNO",
            "value demo.Kind.KIND_ONE was removed and its number 1 is now demo.Kind.KIND_UNO"),
        ["method removed"] = (file => file.Service[0].Method.Clear(), "method demo.Asking.Put was removed"),
        ["method renamed"] = (file => file.Service[0].Method[0].Name = "Set", "method demo.Asking.Put was removed"),
        ["method streams"] = (
            file => file.Service[0].Method[0].ServerStreaming = true,
            "method demo.Asking.Put: response_stream was false, is now true"),
        ["method answers something else"] = (
            file => file.Service[0].Method[0].OutputType = ".demo.Ask",
            "method demo.Asking.Put: response was demo.Answer, is now demo.Ask"),
        ["service removed"] = (file => file.Service.Clear(), "service demo.Asking was removed"),
        ["package changed"] = (file => file.Options.JavaPackage = "other", "file demo.proto: java_package was demo, is now other"),
    };

    public static TheoryData<string> BreakingChanges() => [.. s_breaking.Keys];

    [Theory]
    [MemberData(nameof(BreakingChanges))]
    public void Between_BreakingChange_NamesIt(string change)
    {
        (Action<FileDescriptorProto> apply, string expected) = s_breaking[change];
        FileDescriptorProto changed = Demo();
        apply(changed);

        ContractComparison comparison = ContractComparison.Between(Listing(Demo()), Listing(changed));

        Assert.True(comparison.Breaking.Any(line => line.StartsWith(expected, StringComparison.Ordinal)), string.Join("; ", comparison.Breaking));
        string verdict = ContractBaseline.Judge("demo.proto", comparison)!;
        Assert.Contains(expected, verdict, StringComparison.Ordinal);
        Assert.Contains("docs/contract.md", verdict, StringComparison.Ordinal);
    }

    private static readonly Dictionary<string, (Action<FileDescriptorProto> Apply, string Expected)> s_additions = new()
    {
        ["field"] = (file => Ask(file).Field.Add(Field("more", 20, Type.Bool)), "field demo.Ask.more number=20 type=bool label=singular json=more"),
        ["enum value"] = (
            file => file.EnumType[0].Value.Add(new EnumValueDescriptorProto { Name = "KIND_TWO", Number = 2 }),
            "value demo.Kind.KIND_TWO number=2"),
        ["message"] = (file => file.MessageType.Add(new DescriptorProto { Name = "New" }), "message demo.New"),
        ["method"] = (
            file => file.Service[0].Method.Add(
                new MethodDescriptorProto { Name = "Get", InputType = ".demo.Ask", OutputType = ".demo.Answer", ClientStreaming = true }),
            "method demo.Asking.Get request=demo.Ask request_stream=true response=demo.Answer response_stream=false"),
    };

    public static TheoryData<string> Additions() => [.. s_additions.Keys];

    [Theory]
    [MemberData(nameof(Additions))]
    public void Between_Addition_FailsUntilTheBaselineHasIt(string what)
    {
        (Action<FileDescriptorProto> apply, string expected) = s_additions[what];
        FileDescriptorProto changed = Demo();
        apply(changed);

        ContractComparison comparison = ContractComparison.Between(Listing(Demo()), Listing(changed));

        Assert.Empty(comparison.Breaking);
        Assert.Equal(expected, Assert.Single(comparison.Added).ToString());
        Assert.Contains("eng/contract-baseline.sh", ContractBaseline.Judge("demo.proto", comparison), StringComparison.Ordinal);
        Assert.Null(ContractBaseline.Judge("demo.proto", ContractComparison.Between(Listing(changed), Listing(changed))));
    }

    [Fact]
    public void Between_ReorderedOrDeprecated_IsNoChange()
    {
        FileDescriptorProto changed = Demo();
        DescriptorProto spare = changed.MessageType[2];
        changed.MessageType.RemoveAt(2);
        changed.MessageType.Insert(0, spare);
        changed.MessageType[1].Field[0].Options = new FieldOptions { Deprecated = true };

        Assert.Null(ContractBaseline.Judge("demo.proto", ContractComparison.Between(Listing(Demo()), Listing(changed))));
    }

    [Fact]
    public void Parse_EveryLineOfAListing_GivesItBack()
    {
        foreach (ContractEntry entry in Listing(Demo()))
        {
            Assert.Equal(entry.ToString(), ContractEntry.Parse(entry.ToString()).ToString());
        }
    }

    private static IReadOnlyList<ContractEntry> Listing(FileDescriptorProto file) =>
        ContractListing.Of(Assert.Single(FileDescriptor.BuildFromByteStrings([file.ToByteString()])));

    private static DescriptorProto Ask(FileDescriptorProto file) => file.MessageType[0];

    private static void MoveIntoOneof(FileDescriptorProto file)
    {
        // Real oneofs come before the synthetic ones of `optional`.
        Ask(file).OneofDecl.Insert(0, new OneofDescriptorProto { Name = "which" });
        Ask(file).Field[0].OneofIndex = 0;
        Ask(file).Field[2].OneofIndex = 1;
    }

    private static void LosePresence(FileDescriptorProto file)
    {
        FieldDescriptorProto field = Ask(file).Field[2];
        field.ClearOneofIndex();
        field.ClearProto3Optional();
        Ask(file).OneofDecl.Clear();
    }

    private static FieldDescriptorProto Field(string name, int number, Type type) =>
        new() { Name = name, Number = number, Type = type, Label = Label.Optional };

    private static FileDescriptorProto Demo()
    {
        FieldDescriptorProto limit = Field("limit", 3, Type.Int32);
        limit.Proto3Optional = true;
        limit.OneofIndex = 0;
        FieldDescriptorProto kinds = Field("kinds", 5, Type.Enum);
        kinds.TypeName = ".demo.Kind";
        kinds.Label = Label.Repeated;
        return new FileDescriptorProto
        {
            Name = "demo.proto",
            Package = "demo",
            Syntax = "proto3",
            Options = new Google.Protobuf.Reflection.FileOptions { JavaPackage = "demo" },
            MessageType =
            {
                new DescriptorProto
                {
                    Name = "Ask",
                    Field = { Field("name", 1, Type.String), Field("count", 2, Type.Int32), limit, Field("long_note", 4, Type.String), kinds },
                    OneofDecl = { new OneofDescriptorProto { Name = "_limit" } },
                },
                new DescriptorProto { Name = "Answer" },
                new DescriptorProto { Name = "Spare" },
            },
            EnumType =
            {
                new EnumDescriptorProto
                {
                    Name = "Kind",
                    Value =
                    {
                        new EnumValueDescriptorProto { Name = "KIND_UNSPECIFIED", Number = 0 },
                        new EnumValueDescriptorProto { Name = "KIND_ONE", Number = 1 },
                    },
                },
            },
            Service =
            {
                new ServiceDescriptorProto
                {
                    Name = "Asking",
                    Method = { new MethodDescriptorProto { Name = "Put", InputType = ".demo.Ask", OutputType = ".demo.Answer" } },
                },
            },
        };
    }
}
