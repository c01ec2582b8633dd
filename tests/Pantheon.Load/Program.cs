using System.Globalization;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Load;

// load --target 127.0.0.1:8500 --request request.json [--rate N | --share 0.5] [--seconds 60] [--warm-up 15] [--pid PID] [--timeout-ms 1000]
// Without --rate it measures the capacity first and runs at --share of it. Exits 0 if it passed.
var options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.Ordinal);
string Text(string name, string fallback) => options.GetValueOrDefault(name, fallback);
double Number(string name, double fallback) => options.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : fallback;

var request = JsonParser.Default.Parse<RankRequest>(await File.ReadAllTextAsync(Text("--request", "models/kuairand/request.json"))).ToByteArray();
using var client = new RawScoring(Text("--target", "127.0.0.1:8500"), connections: 4);
var timeout = TimeSpan.FromMilliseconds(Number("--timeout-ms", 1000));
var soak = new Soak(client, request, timeout);
return (int)await soak.RunAsync(
    options.TryGetValue("--rate", out var rate) ? double.Parse(rate, CultureInfo.InvariantCulture) : null,
    Number("--share", 0.5),
    TimeSpan.FromSeconds(Number("--warm-up", 15)),
    TimeSpan.FromSeconds(Number("--seconds", 60)),
    options.TryGetValue("--pid", out var pid) ? int.Parse(pid, CultureInfo.InvariantCulture) : null,
    Console.Out);
