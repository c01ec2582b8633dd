using System.IO.Compression;
using System.Text;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pantheon-data-").FullName;

    /// <summary>Writes a file; compressed if its name ends so.</summary>
    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        var bytes = Encoding.UTF8.GetBytes(content);
        using var file = File.Create(path);
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var gzip = new GZipStream(file, CompressionLevel.Fastest);
            gzip.Write(bytes);
        }
        else
        {
            file.Write(bytes);
        }

        return path;
    }

    public string WriteLog(string name, IEnumerable<Exposure> exposures) =>
        Write(name, string.Join('\n', exposures.Select(exposure => exposure.ToLine()).Prepend(Exposure.Header)) + "\n");

    public Dataset Load(DatasetOptions? options = null) => Dataset.Load(Path, options);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>A row of a log with KuaiRand's columns.</summary>
internal sealed record Exposure(long User, long Video, long TimeMs, params string[] Positives)
{
    public const string Header =
        "user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,is_comment,is_forward,is_hate,long_view,play_time_ms,"
        + "duration_ms,profile_stay_time,comment_stay_time,is_profile_enter,is_rand,tab";

    private static readonly string[] s_outcomes =
        ["is_click", "is_like", "is_follow", "is_comment", "is_forward", "is_hate", "long_view"];

    public int DurationMs { get; init; } = 10_000;

    public int PlayTimeMs { get; init; } = 5_000;

    public int Tab { get; init; } = 1;

    public bool IsRandom { get; init; }

    public string ToLine()
    {
        var day = ChinaTime.DayOf(TimeMs);
        var labels = string.Join(',', s_outcomes.Select(Label));
        return $"{User},{Video},{day:yyyyMMdd},{ChinaTime.HourOf(TimeMs) * 100},{TimeMs},{labels},{PlayTimeMs},{DurationMs},0,0,"
            + $"{Label("is_profile_enter")},{(IsRandom ? 1 : 0)},{Tab}";
    }

    private int Label(string name) => Positives.Contains(name) ? 1 : 0;
}

/// <summary>User and video tables for the small ids of tests.</summary>
internal static class Tables
{
    public const string UserHeader =
        "user_id,user_active_degree,is_lowactive_period,is_live_streamer,is_video_author,follow_user_num,follow_user_num_range,"
        + "fans_user_num,fans_user_num_range,friend_user_num,friend_user_num_range,register_days,register_days_range,"
        + "onehot_feat0,onehot_feat1,onehot_feat2,onehot_feat3,onehot_feat4,onehot_feat5,onehot_feat6,onehot_feat7,onehot_feat8,"
        + "onehot_feat9,onehot_feat10,onehot_feat11,onehot_feat12,onehot_feat13,onehot_feat14,onehot_feat15,onehot_feat16,onehot_feat17";

    public const string VideoHeader =
        "video_id,author_id,video_type,upload_dt,upload_type,visible_status,video_duration,server_width,server_height,music_id,"
        + "music_type,tag";

    public static string User(long id, string degree = "full_active", string fans = "\"[10,100)\"", string feature4 = "1.0") =>
        $"{id},{degree},0,1,0,5,\"(0,10]\",20,{fans},3,\"[1,5)\",30,31-60,1,2,3,4,{feature4},0,0,1,2,3,1,0,,0.0,1.0,0.0,0.0,1.0";

    public static string Video(long id, long author, string tag, string upload = "2022-04-09", string duration = "20000.0") =>
        $"{id},{author},NORMAL,{upload},Web,0.0,{duration},720.0,1280.0,77,9.0,{(tag.Contains(',') ? $"\"{tag}\"" : tag)}";
}
