namespace Pantheon.Cli.Tests.Train;

/// <summary>Bundles of ranking models that PyTorch exported, over the users and videos of <see cref="TinyLog"/>: most of them, as somebody else would know.</summary>
internal static class GivenBundles
{
    private const string Objectives = "is_click,long_view,is_like";

    /// <summary>user_id and video_id with vocabularies, one Pxtr output, a score; two of its three states are outputs too.</summary>
    public static string Ids(Workplace place) => Create(
        place, "ids", "user_id,user_counts", "video_id,video_shape", "pxtr", "--vocabulary", Users(place));

    /// <summary>What has to be said of the same graph as a plain file.</summary>
    public static string[] OfIds(Workplace place) =>
    [
        "--pxtr", "pxtr", "--objectives", Objectives, "--user", "user_id,user_counts", "--candidates", "video_id,video_shape",
        "--vocabulary", $"video_id={Vocabulary(place, "videos", 5000, 36)}", "--vocabulary", Users(place),
    ];

    /// <summary>No user_id, video_id as [n,1], a Pxtr output each, an input that only the score needs.</summary>
    public static string Columns(Workplace place) => Create(place, "columns", "tab", "video_id,video_counts", "click,view,like");

    /// <summary>Takes the user once for every candidate, and no counts.</summary>
    public static string Repeated(Workplace place) => Create(place, "repeated", "user_id", "video_id", "pxtr", "--vocabulary", Users(place));

    /// <summary>Its states are what they are among all candidates.</summary>
    public static string Listwise(Workplace place) => Create(place, "listwise", null, "video_id,video_shape", "pxtr");

    private static string Create(Workplace place, string name, string? user, string candidates, string pxtrs, params string[] more)
    {
        CliRun.Of(
        [
            "bundle", "create", "--onnx", Workplace.Fixture(Path.Combine("rankings", $"{name}.onnx")), "--model", name, "--repository", place.Models, "--pxtr", pxtrs,
            "--objectives", Objectives, .. user is null ? [] : (string[])["--user", user], "--candidates", candidates,
            "--vocabulary", $"video_id={Vocabulary(place, "videos", 5000, 36)}", .. more,
        ]).Succeeded();
        return Path.Combine(place.Models, name);
    }

    private static string Users(Workplace place) => $"user_id={Vocabulary(place, "users", 1000, 20)}";

    // Rows in another order than the log's own, and not for everybody.
    private static string Vocabulary(Workplace place, string name, int first, int count) => place.Write(
        $"{name}.tsv", "raw\trow\n" + string.Concat(Enumerable.Range(0, count).Select(id => $"{first + id}\t{count - id}\n")));
}
