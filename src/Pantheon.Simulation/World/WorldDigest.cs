using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pantheon.Simulation;

/// <summary>
/// A world's fingerprint: SHA-256 of its options and of what a small fixed run says. Nothing may be tuned on a simulator that is tuned
/// itself, so the digests of the default world and of the closed loop's are committed, and what measures on them asks whether they still are those worlds.
/// </summary>
public static class WorldDigest
{
    private const int Days = 3;
    private const int Requests = 25;
    private const int Slots = 20;

    /// <summary>Those of the worlds that are measured on, at the seed 1, when they were frozen.</summary>
    public static IReadOnlyList<string> Frozen { get; } = Read();

    /// <summary>Lower-case hexadecimal. Probabilities and scores count with six decimals: a processor's last bit is no other world.</summary>
    public static string Of(WorldOptions options) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Transcript(options))));

    /// <summary>Throws unless a world, but for its seed, is a frozen one.</summary>
    /// <exception cref="InvalidOperationException">The simulator was changed.</exception>
    public static void Verify(WorldOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Of(options with { Seed = 1 }) is var digest && !Frozen.Contains(digest))
        {
            throw new InvalidOperationException($"the world's digest is {digest}; expected one that was frozen: {string.Join(", ", Frozen)}");
        }
    }

    private static string Transcript(WorldOptions options)
    {
        var world = new World(options);
        var text = new StringBuilder(JsonSerializer.Serialize(options)).Append('\n');
        for (var day = 0; day < 10 * Days; day += 10)
        {
            for (var number = 0; number < Requests; number++)
            {
                var request = world.Request(day, number);
                var truth = world.Probabilities(request);
                var videos = world.ShortVideos(request, Slots);
                var shown = MixedFeed.Of([.. truth.Select(row => row[Objectives.Click])], videos, Slots);
                text.Append(JsonSerializer.Serialize(request)).Append('\n');
                Numbers(text, truth.SelectMany(row => row));
                Numbers(text, videos.Select(video => video.Score));
                foreach (var (item, outcome) in shown.Zip(world.Feedback(request, shown)))
                {
                    text.Append(CultureInfo.InvariantCulture, $"{item.IsLive} {item.Index} {outcome.Seen} {outcome.Labels} ");
                    Numbers(text, [outcome.WatchSeconds, outcome.InRoomSeconds]);
                }
            }
        }

        return text.ToString();
    }

    private static void Numbers(StringBuilder text, IEnumerable<double> numbers) =>
        text.AppendJoin(' ', numbers.Select(number => number.ToString("F6", CultureInfo.InvariantCulture))).Append('\n');

    private static string[] Read()
    {
        using var reader = new StreamReader(typeof(WorldDigest).Assembly.GetManifestResourceStream("frozen.sha256")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])];
    }
}
