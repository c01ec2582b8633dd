using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

/// <summary>A small random log with ties, repeated videos, pauses and missing values, and its tables.</summary>
internal static class RandomLog
{
    /// <summary>8 April 2022, 10:00 in China.</summary>
    public const long StartMs = 1_649_383_200_000;

    private static readonly string[] s_outcomes = ["is_click", "is_like", "is_follow", "long_view", "is_profile_enter"];

    public static List<Exposure> Exposures(int seed, int count, int users = 12, int videos = 25)
    {
        var random = new Random(seed);
        var time = StartMs;
        HashSet<(long, long, long)> met = [];
        List<Exposure> exposures = [];
        while (exposures.Count < count)
        {
            // One in four at the same time as the one before, some after pauses of minutes, hours or days.
            time += random.Next(8) switch
            {
                0 or 1 => 0,
                2 => random.Next(3_600_000),
                3 when random.Next(8) == 0 => random.Next(100_000_000),
                _ => random.Next(1, 60_000),
            };
            var exposure = Draw(random, random.Next(users), random.Next(videos), time);
            if (met.Add((exposure.User, exposure.Video, exposure.TimeMs)))
            {
                exposures.Add(exposure);
            }
        }

        return exposures;
    }

    public static Exposure Draw(Random random, long user, long video, long timeMs) =>
        new(user, video, timeMs, [.. s_outcomes.Where(_ => random.Next(3) == 0)])
        {
            PlayTimeMs = random.Next(20_000),
            IsRandom = random.Next(5) == 0,
            Tab = random.Next(4),
            DurationMs = (int)(video * 1000),
        };

    public static void WriteTables(TestFolder folder, int users = 12, int videos = 25)
    {
        // The last user and the last video are in no table; some videos have no tag, length or day.
        folder.Write(
            "user_features_pure.csv",
            string.Join('\n', Enumerable.Range(0, users - 1)
                .Select(user => Tables.User(
                    user, user % 2 == 0 ? "full_active" : "low_active", feature4: user % 3 == 0 ? "" : $"{user % 4}.0"))
                .Prepend(Tables.UserHeader)));
        folder.Write(
            "video_features_basic_pure.csv",
            string.Join('\n', Enumerable.Range(0, videos - 1)
                .Select(video => Tables.Video(
                    video,
                    100 + (video % 7),
                    video % 5 == 0 ? "" : $"{video % 5},9",
                    video % 6 == 0 ? "" : "2022-04-08",
                    video % 4 == 0 ? "" : "5000.0"))
                .Prepend(Tables.VideoHeader)));
    }

    /// <summary>Every feature by name, in words that can be compared.</summary>
    public static string Describe(Dataset dataset, int row) =>
        string.Join('\n', dataset.Raw(row).Features.Select(feature => $"{feature.Feature.Name}: {Values(feature)}"));

    public static Dictionary<(long User, long Video, long TimeMs), string> DescribeAll(Dataset dataset) =>
        Enumerable.Range(0, dataset.Count).ToDictionary(
            row => (dataset.UserId(row), dataset.VideoId(row), dataset.TimeMs[row]), row => Describe(dataset, row));

    private static string Values(RawFeature feature) => feature switch
    {
        { Ids: { } ids } => string.Join(' ', ids),
        { Texts: { } texts } => string.Join(' ', texts),
        _ => string.Join(' ', feature.Numbers!),
    };
}
