using System.Text.RegularExpressions;
using Pantheon.Rig;

namespace Pantheon.Conformance.Tests;

/// <summary>The service as grpcio for Python and grpc-js for Node see it; each check of their scripts is a test.</summary>
[Collection(nameof(Service))]
public sealed partial class ForeignClientTests(Service service, ForeignClientTests.Runs runs) : IClassFixture<ForeignClientTests.Runs>
{
    public static TheoryData<string> PythonChecks => Names("python/client.py", PythonCheck());

    public static TheoryData<string> NodeChecks => Names("node/client.mjs", NodeCheck());

    [Theory]
    [MemberData(nameof(PythonChecks))]
    public async Task PythonClient_Check_Passes(string check) => Pass(await runs.PythonAsync(service), check);

    [Theory]
    [MemberData(nameof(NodeChecks))]
    public async Task NodeClient_Check_Passes(string check) => Pass(await runs.NodeAsync(service), check);

    private static void Pass(IReadOnlyDictionary<string, string?> results, string check)
    {
        Assert.True(results.TryGetValue(check, out var error), $"{check} was not run.");
        Assert.True(error is null, error);
    }

    private static TheoryData<string> Names(string script, Regex check) =>
        [.. check.Matches(File.ReadAllText(Path.Combine(ForeignClient.Folder, script))).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^@check\ndef (\w+)", RegexOptions.Multiline)]
    private static partial Regex PythonCheck();

    [GeneratedRegex(@"^  async (\w+)\(\) \{", RegexOptions.Multiline)]
    private static partial Regex NodeCheck();

    /// <summary>One run of each script.</summary>
    public sealed class Runs
    {
        private Task<IReadOnlyDictionary<string, string?>>? _python;
        private Task<IReadOnlyDictionary<string, string?>>? _node;

        public Task<IReadOnlyDictionary<string, string?>> PythonAsync(Service service) => _python ??= RunAsync(service, "client.py");

        public Task<IReadOnlyDictionary<string, string?>> NodeAsync(Service service) => _node ??= RunAsync(service, "client.mjs");

        private static Task<IReadOnlyDictionary<string, string?>> RunAsync(Service service, string script) => ForeignClient.RunAsync(
            script,
            service.Process.Target,
            service.Process.Http.GetLeftPart(UriPartial.Authority),
            DemoModel.Shipped.Bundle.Directory,
            Path.Combine(SourceTree.Root, "protos"));
    }
}
