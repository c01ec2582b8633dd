using System.Globalization;
using System.Text;

namespace Pantheon.Cli.Tests.Train;

/// <summary>A made-up log in KuaiRand's files, days and columns: 960 exposures of 25 users, some of them random.</summary>
internal static class TinyLog
{
    public const string Config = """
        {
          "features": { "objectives": ["is_click", "long_view", "is_like"], "history_length": 4, "profile_columns": ["user_active_degree"] },
          "model": {
            "ranking": { "embedding_width": 4, "experts": 2, "expert_layers": [8], "tower_layers": [4], "attention_width": 4 },
            "heads": [{ "network": { "embedding_width": 4, "layers": [8] } }],
          },
          "training": { "batch_size": 128, "epochs": 3, "rate": 0.01, "warmup_steps": 0, "decay": "none", "table_rate": 1 },
        }
        """;

    private const int Users = 25;
    private const int Videos = 40;
    private const long DayMs = 86_400_000;

    private static readonly DateTimeOffset s_midnight = new(2022, 4, 20, 0, 0, 0, TimeSpan.FromHours(8));

    /// <summary>Writes log, user table and video table.</summary>
    /// <param name="taste">What user and video (0, 1, ...) make of each other, 0 to 1; null: one that takes more exposures to learn.</param>
    public static string Write(string folder, Func<int, int, double>? taste = null)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "log_standard.csv"), Log(taste ?? ((user, video) => ((user * 7) + (video * 13)) % 10 / 10.0)));
        File.WriteAllLines(
            Path.Combine(folder, "user_features_tiny.csv"),
            Enumerable.Range(0, Users).Select(user => $"{1000 + user},{(user % 2 == 0 ? "low_active" : "full_active")}").Prepend("user_id,user_active_degree"));
        File.WriteAllLines(
            Path.Combine(folder, "video_features_basic_tiny.csv"),
            Enumerable.Range(0, Videos)
                .Select(video => $"{5000 + video},{100 + (video % 7)},NORMAL,2022-04-09,Web,{10_000 + (100 * video)},{video % 5}")
                .Prepend("video_id,author_id,video_type,upload_dt,upload_type,video_duration,tag"));
        return folder;
    }

    /// <summary>The same log without a column.</summary>
    public static void Drop(string folder, string column)
    {
        var path = Path.Combine(folder, "log_standard.csv");
        var lines = File.ReadAllLines(path).Select(line => line.Split(',')).ToList();
        var at = Array.IndexOf(lines[0], column);
        File.WriteAllLines(path, lines.Select(line => string.Join(',', line.Where((_, index) => index != at))));
    }

    private static string Log(Func<int, int, double> tasteOf)
    {
        var random = new Random(7);
        var log = new StringBuilder("user_id,video_id,date,hourmin,time_ms,is_click,is_like,long_view,play_time_ms,duration_ms,is_rand,tab\n");
        // KuaiRand's days to train on, to validate on and to test on.
        foreach (var (firstDay, days, count) in new[] { (0, 12, 600), (12, 3, 160), (15, 4, 200) })
        {
            foreach (var offset in Enumerable.Range(0, count).Select(_ => (firstDay * DayMs) + random.NextInt64(days * DayMs)).Order())
            {
                var (user, video) = (random.Next(Users), random.Next(Videos));
                var taste = tasteOf(user, video);
                var click = random.NextDouble() < 0.2 + (0.6 * taste);
                var longView = click && random.NextDouble() < 0.3 + (0.4 * taste);
                var like = random.NextDouble() < 0.1 + (0.2 * taste);
                var time = s_midnight.AddMilliseconds(offset);
                log.Append(
                    CultureInfo.InvariantCulture,
                    $"{1000 + user},{5000 + video},{time:yyyyMMdd},{time.Hour * 100},{time.ToUnixTimeMilliseconds()},{Bit(click)},{Bit(like)},{Bit(longView)},{random.Next(20_000)},{10_000 + (100 * video)},{Bit(random.Next(7) == 0)},{user % 3}\n");
            }
        }

        return log.ToString();
    }

    private static int Bit(bool value) => value ? 1 : 0;
}
