using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

/// <summary>The logs beside the repository, against what their own description says.</summary>
public sealed class SharedDataTests
{
    [SharedDataFact("kuairand-sim")]
    public void Load_KuaiRandSim_HasTheDescribedRowsAndRates()
    {
        var dataset = Dataset.Load(SharedData.PathOf("kuairand-sim"));

        Assert.Equal(967_172, dataset.Count);
        Assert.Empty(dataset.Report.BadRows);
        Assert.Equal(4, dataset.Report.Files.Count);
        var rates = dataset.Schema.Objectives.Select((name, index) => (name, Rate(dataset.Labels(index)))).ToDictionary();
        Assert.Equal(0.54, rates["is_click"], 2);
        Assert.Equal(0.27, rates["long_view"], 2);
        Assert.Equal(0.071, rates["is_like"], 3);
        Assert.Equal(0.028, rates["is_profile_enter"], 3);
        Assert.Equal(0.025, rates["is_comment"], 3);
        Assert.Equal(0.018, rates["is_follow"], 3);
        Assert.Equal(0.011, rates["is_forward"], 3);
        Assert.Equal(967_172, dataset.Train.Count + dataset.Validate.Count + dataset.Test.Count);
        Assert.Equal(dataset.RangeOf(new DateOnly(2022, 4, 8), new DateOnly(2022, 5, 1)), dataset.Train);
        Assert.Equal(dataset.RangeOf(new DateOnly(2022, 5, 5), new DateOnly(2022, 5, 8)), dataset.Test);

        var random = Enumerable.Range(0, dataset.Count).Where(dataset.IsRandom).ToArray();
        Assert.Equal(32_940, random.Length);
        Assert.True(dataset.TimeMs[random[0]] >= ChinaTime.StartOf(new DateOnly(2022, 4, 22)));
    }

    [SharedDataFact("kuairand-extract")]
    public void Load_KuaiRandExtract_KeepsTheLikedRows()
    {
        var dataset = Dataset.Load(SharedData.PathOf("kuairand-extract"));

        Assert.Equal(33_745, dataset.Count);
        Assert.Equal(1_854, dataset.Log.VideoIds.Count);
        Assert.Equal(41_828, dataset.Report.Files[0].Rows);
        Assert.Empty(dataset.Report.BadRows);
        Assert.Equal(["is_click", "long_view", "is_comment", "is_profile_enter", "finish"], dataset.Schema.Objectives);
        Assert.DoesNotContain(dataset.Schema.Features, feature => feature.Name is "author_id" or "tag" or "tab");
        Assert.Equal(33_745, dataset.Train.Count + dataset.Test.Count);
    }

    private static double Rate(ReadOnlySpan<byte> labels)
    {
        long positives = 0;
        foreach (var label in labels)
        {
            positives += label;
        }

        return positives / (double)labels.Length;
    }
}
