using System.Globalization;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Load;

// load --target 127.0.0.1:8500 --request request.json [--rate N | --share 0.5] [--seconds 60] [--warm-up 15] [--pid PID] [--timeout-ms 1000]
// Without --rate it measures the capacity first and runs at --share of it. Exits 0 if it passed.
// load --swaps 200 [--window-ms 900] --model NAME ...: swaps between versions 1, 2 and 3 under load.
// load --shadows 200 ...: with a shadow, and without.
// load --memory-swaps 1000 --pid PID --model NAME ...: resident memory over many swaps.
var options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.Ordinal);
string Text(string name, string fallback) => options.GetValueOrDefault(name, fallback);
double Number(string name, double fallback) => options.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : fallback;

var request = JsonParser.Default.Parse<RankRequest>(await File.ReadAllTextAsync(Text("--request", "models/kuairand/request.json"))).ToByteArray();
using var client = new RawScoring(Text("--target", "127.0.0.1:8500"), connections: 4);
var timeout = TimeSpan.FromMilliseconds(Number("--timeout-ms", 1000));
var swap = new Swap(client, request, timeout, Text("--target", "127.0.0.1:8500"), Text("--model", "kuairand"));
var window = TimeSpan.FromMilliseconds(Number("--window-ms", 900));
if (options.ContainsKey("--swaps"))
{
    return await swap.RunAsync(Number("--share", 0.5), (int)Number("--swaps", 200), window, Console.Out);
}

if (options.ContainsKey("--shadows"))
{
    return await swap.ShadowAsync(Number("--share", 0.5), (int)Number("--shadows", 200), window, Console.Out);
}

if (options.ContainsKey("--memory-swaps"))
{
    return await swap.WatchMemoryAsync(first: 20, (int)Number("--memory-swaps", 1000), (int)Number("--pid", 0), Console.Out);
}

var soak = new Soak(client, request, timeout);
return (int)await soak.RunAsync(
    options.TryGetValue("--rate", out var rate) ? double.Parse(rate, CultureInfo.InvariantCulture) : null,
    Number("--share", 0.5),
    TimeSpan.FromSeconds(Number("--warm-up", 15)),
    TimeSpan.FromSeconds(Number("--seconds", 60)),
    options.TryGetValue("--pid", out var pid) ? int.Parse(pid, CultureInfo.InvariantCulture) : null,
    Console.Out);
