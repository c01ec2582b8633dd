using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pantheon.Grpc.Tests.Foreign;

/// <summary>Our server as clients see it that are not ours: grpcio for Python and grpc-js for Node.</summary>
public sealed partial class ForeignClientTests(ForeignClientTests.Runs runs) : IClassFixture<ForeignClientTests.Runs>
{
    public static TheoryData<string> PythonChecks => Names("python/client.py", PythonCheck());

    public static TheoryData<string> NodeChecks => Names("node/client.mjs", NodeCheck());

    [Theory]
    [MemberData(nameof(PythonChecks))]
    public async Task PythonClient_Check_Passes(string check) => Pass(await runs.Python.Value, check);

    [Theory]
    [MemberData(nameof(NodeChecks))]
    public async Task NodeClient_Check_Passes(string check) => Pass(await runs.Node.Value, check);

    private static void Pass(IReadOnlyDictionary<string, string?> results, string check)
    {
        Assert.True(results.TryGetValue(check, out var error), $"{check} was not run.");
        Assert.True(error is null, error);
    }

    private static TheoryData<string> Names(string script, Regex check) =>
        [.. check.Matches(File.ReadAllText(Path.Combine(ForeignTools.Folder, script))).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^@check\ndef (\w+)", RegexOptions.Multiline)]
    private static partial Regex PythonCheck();

    [GeneratedRegex(@"^  async (\w+)\(\) \{", RegexOptions.Multiline)]
    private static partial Regex NodeCheck();

    /// <summary>One run of each client, of which each check is a test.</summary>
    public sealed class Runs
    {
        public Lazy<Task<IReadOnlyDictionary<string, string?>>> Python { get; } = new(() => RunAsync("client.py"));

        public Lazy<Task<IReadOnlyDictionary<string, string?>>> Node { get; } = new(() => RunAsync("client.mjs"));

        private static async Task<IReadOnlyDictionary<string, string?>> RunAsync(string script)
        {
            await using var server = await ProbeServer.StartAsync();
            using var client = await ForeignTools.StartAsync(script, new Uri(server.Address).Authority);
            client.StandardInput.Close();
            var errors = client.StandardError.ReadToEndAsync();
            var results = new Dictionary<string, string?>();
            while (await client.StandardOutput.ReadLineAsync().WaitAsync(Time.Limit) is { } line)
            {
                using var result = JsonDocument.Parse(line);
                results.Add(result.RootElement.GetProperty("check").GetString()!, result.RootElement.GetProperty("error").GetString());
            }

            await client.WaitForExitAsync();
            Assert.True(client.ExitCode == 0, await errors);
            return results;
        }
    }
}
