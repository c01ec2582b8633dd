using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Tests.Training;

namespace Pantheon.Learning.Tests.Evaluation;

public sealed class TuningSplitTests
{
    // A log of less than a day: nothing lies on KuaiRand's days to validate on.
    [Fact]
    public void Of_NothingToValidateOn_HalvesWhatThereIsToTestOn()
    {
        var data = PlantedLog.Load(1000);

        var split = TuningSplit.Of(data);

        Assert.Equal(0, data.Validate.Count);
        Assert.Equal((data.Test.Start, split.Judge.Start, data.Test.End), (split.Tune.Start, split.Tune.End, split.Judge.End));
        Assert.InRange(split.Judge.Count - split.Tune.Count, 0, 1);
    }
}
