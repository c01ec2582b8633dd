using Pantheon.Learning.Data;
using Pantheon.Learning.Tests.Data;

namespace Pantheon.Learning.Tests.Training;

/// <summary>
/// A log in KuaiRand's columns in which everybody clicks on even videos and watches odd ones: what one objective likes the other does
/// not, and nothing about the user matters.
/// </summary>
internal static class PlantedLog
{
    public const int Users = 40;
    public const int Videos = 30;

    private const double Often = 0.8;
    private const double Seldom = 0.2;

    /// <summary>The log with its features: the first 80 % of the time to train, the rest to test.</summary>
    /// <param name="agree">Whether everybody watches even videos too.</param>
    public static Dataset Load(int exposures, int seed = 1, bool agree = false)
    {
        using var folder = new TestFolder();
        Write(folder, exposures, seed, agree);
        return folder.Load(new DatasetOptions
        {
            Features = new FeatureOptions { Objectives = ["is_click", "long_view"], HistoryLength = 5, ProfileColumns = ["user_active_degree"] },
        });
    }

    public static void Write(TestFolder folder, int exposures, int seed, bool agree = false)
    {
        var random = new Random(seed);
        var time = RandomLog.StartMs;
        RandomLog.WriteTables(folder, Users, Videos);
        folder.WriteLog("log_standard.csv", Enumerable.Range(0, exposures).Select(_ =>
        {
            long video = random.Next(Videos);
            time += random.Next(1, 20_000);
            return new Exposure(random.Next(Users), video, time, [.. Outcomes(random, video, agree)]);
        }).ToList());
    }

    private static IEnumerable<string> Outcomes(Random random, long video, bool agree)
    {
        if (random.NextDouble() < (video % 2 == 0 ? Often : Seldom))
        {
            yield return "is_click";
        }

        if (random.NextDouble() < (video % 2 == 0 == agree ? Often : Seldom))
        {
            yield return "long_view";
        }
    }
}
