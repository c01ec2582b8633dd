namespace Pantheon.Learning.Data;

/// <summary>The column names of KuaiRand (Gao et al., CIKM 2022), and those derived from them.</summary>
public static class KuaiRandColumns
{
    /// <summary>Derived: played at least once to the end, play_time_ms >= duration_ms > 0.</summary>
    public const string Finish = "finish";

    internal const string UserId = "user_id";
    internal const string VideoId = "video_id";
    internal const string TimeMs = "time_ms";
    internal const string HourMinute = "hourmin";
    internal const string Tab = "tab";
    internal const string IsRandom = "is_rand";
    internal const string DurationMs = "duration_ms";
    internal const string PlayTimeMs = "play_time_ms";
    internal const string AuthorId = "author_id";
    internal const string Tag = "tag";
    internal const string VideoType = "video_type";
    internal const string UploadType = "upload_type";
    internal const string UploadDate = "upload_dt";
    internal const string VideoDuration = "video_duration";

    /// <summary>A row's outcomes are a bit mask, and the table of feedback has a row for each mask.</summary>
    internal const int MaxObjectives = 16;

    /// <summary>Outcomes that are never an input, nor an objective: they are amounts, or known only afterwards.</summary>
    internal static readonly string[] NeverObjectives = [PlayTimeMs, DurationMs, "comment_stay_time", "profile_stay_time", IsRandom, Tab];

    /// <summary>The objectives of a KuaiRand log. is_hate, which has a different sense, must be asked for.</summary>
    public static IReadOnlyList<string> Objectives { get; } =
        ["is_click", "long_view", "is_like", "is_follow", "is_comment", "is_forward", "is_profile_enter"];

    /// <summary>What makes an item worth remembering: more than a click, which is the most frequent outcome and says the least.</summary>
    public static IReadOnlyList<string> HistoryObjectives { get; } =
        ["long_view", "is_like", "is_follow", "is_comment", "is_forward", "is_profile_enter"];

    /// <summary>Columns of the user table that can be features: categories and ranges; not the plain numbers behind the ranges.</summary>
    public static IReadOnlyList<string> Profile { get; } =
    [
        "user_active_degree", "is_live_streamer", "is_video_author", "follow_user_num_range", "fans_user_num_range",
        "friend_user_num_range", "register_days_range", "onehot_feat0", "onehot_feat1", "onehot_feat2", "onehot_feat3", "onehot_feat4",
        "onehot_feat5", "onehot_feat6", "onehot_feat7", "onehot_feat8", "onehot_feat9", "onehot_feat10", "onehot_feat11",
        "onehot_feat12", "onehot_feat13", "onehot_feat14", "onehot_feat15", "onehot_feat16", "onehot_feat17",
    ];

    /// <summary>Whether a column of ids is text; the others are integers.</summary>
    internal static bool IsText(string column) =>
        column is VideoType or UploadType or "user_active_degree" || column.EndsWith("_range", StringComparison.Ordinal);
}
