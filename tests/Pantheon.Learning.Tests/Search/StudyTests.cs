using System.Globalization;
using Pantheon.Learning.Search;

namespace Pantheon.Learning.Tests.Search;

public sealed class StudyTests : IDisposable
{
    private static readonly SearchSpace Space = new([new("a", -1, 2), new("b", 1e-3, 10, Log: true)]);
    private readonly TemporaryFolder _folder = new();

    private string Journal => _folder.PathOf("study.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3, false)]
    [InlineData(25, false)]
    [InlineData(25, true)]
    public void Open_AfterSomeTrials_ProposesWhatAnUninterruptedStudyDoes(int before, bool multivariate)
    {
        var options = new StudyOptions { Seed = 9, Multivariate = multivariate };
        using var whole = new Study(Space, options);
        whole.Run(40, Score);
        using (var first = Study.Open(Journal, Space, options))
        {
            first.Run(before, Score);
            first.Ask();
        }

        using var resumed = Study.Open(Journal, Space, options);

        Assert.Equal(before, resumed.Trials.Count);
        resumed.Run(40, Score);
        AssertSame(whole.Trials, resumed.Trials);
        Assert.Equal(whole.Best!.Number, resumed.Best!.Number);
    }

    [Fact]
    public void Open_LastLineCutAnywhere_DropsItAndGoesOn()
    {
        using var whole = new Study(Space);
        whole.Run(14, Score);
        using (var study = Study.Open(Journal, Space))
        {
            study.Run(12, Score);
        }

        byte[] text = File.ReadAllBytes(Journal);
        int last = text.AsSpan(0, text.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (int length = last; length < text.Length; length++)
        {
            File.WriteAllBytes(Journal, text[..length]);
            using var study = Study.Open(Journal, Space);
            Assert.Equal(11, study.Trials.Count);
            study.Run(14, Score);
            AssertSame(whole.Trials, study.Trials);
        }
    }

    [Fact]
    public void Open_FirstLineCutAnywhere_BeginsAnew()
    {
        using (Study.Open(Journal, Space))
        {
        }

        byte[] text = File.ReadAllBytes(Journal);
        for (int length = 0; length < text.Length; length++)
        {
            File.WriteAllBytes(Journal, text[..length]);
            using (var study = Study.Open(Journal, Space))
            {
                Assert.Empty(study.Trials);
            }

            Assert.Equal(text, File.ReadAllBytes(Journal));
        }
    }

    [Fact]
    public void Open_ForeignFile_ThrowsAndLeavesItAlone()
    {
        foreach (string text in (string[])["no newline", "one line\n", "{\"study\":1}\n{}\n"])
        {
            File.WriteAllText(Journal, text);

            Assert.Throws<StudyException>(() => Study.Open(Journal, Space));
            Assert.Equal(text, File.ReadAllText(Journal));
        }
    }

    [Fact]
    public void Open_OtherSeedOrSpace_Throws()
    {
        using (Study.Open(Journal, Space))
        {
        }

        Assert.Throws<StudyException>(() => Study.Open(Journal, Space, new StudyOptions { Seed = 2 }));
        Assert.Throws<StudyException>(() => Study.Open(Journal, new SearchSpace([new("a", -1, 2)])));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("{\"trial\":1,\"values\":[0,5],\"score\":\"high\"}")]
    [InlineData("{\"trial\":1,\"values\":[0],\"score\":1}")]
    [InlineData("{\"trial\":1,\"values\":[0,11],\"score\":1}")]
    [InlineData("{\"trial\":-1,\"values\":[0,5],\"score\":1}")]
    [InlineData("{\"trial\":0,\"values\":[0,5],\"score\":1}")]
    [InlineData("[]")]
    public void Open_BrokenLineInTheMiddle_Throws(string line)
    {
        using (var study = Study.Open(Journal, Space))
        {
            study.Run(1, Score);
        }

        File.AppendAllText(Journal, line + "\n");

        Assert.Throws<StudyException>(() => Study.Open(Journal, Space));
    }

    [Fact]
    public void Open_AlreadyOpen_Throws()
    {
        using var study = Study.Open(Journal, Space);

        Assert.ThrowsAny<IOException>(() => Study.Open(Journal, Space));
    }

    [Fact]
    public void Tell_WithJournal_LineIsThereAtOnce()
    {
        var study = Study.Open(Journal, Space);
        long before = new FileInfo(Journal).Length;
        var trial = study.Ask();
        study.Tell(trial, 0.1);
        long after = new FileInfo(Journal).Length;
        study.Dispose();

        string expected = string.Create(
            CultureInfo.InvariantCulture, $"{{\"trial\":0,\"values\":[{trial.Values[0]:R},{trial.Values[1]:R}],\"score\":0.1}}");
        Assert.Equal(expected, File.ReadAllLines(Journal)[1]);
        Assert.Equal(expected.Length + 1, after - before);
    }

    [Fact]
    public void Tell_NotFinite_IsAFailedTrialThatIsKeptAndNotLearntFrom()
    {
        using (var study = Study.Open(Journal, Space))
        {
            study.Run(15, values => values[0] < 0 ? double.NaN : Score(values));
        }

        using var resumed = Study.Open(Journal, Space);

        Assert.Contains(resumed.Trials, trial => trial.Failed);
        Assert.All(resumed.Trials, trial => Assert.Equal(trial.Values[0] < 0, trial.Failed));
        Assert.False(resumed.Best!.Failed);
    }

    [Fact]
    public void Ask_SeveralOpen_TellInAnyOrderGivesTheSameTrials()
    {
        var options = new StudyOptions { StartupTrials = 2 };
        IReadOnlyList<CompletedTrial> Told(int[] order)
        {
            using var study = new Study(Space, options);
            for (int round = 0; round < 5; round++)
            {
                Trial[] open = [study.Ask(), study.Ask(), study.Ask()];
                foreach (int place in order)
                {
                    study.Tell(open[place], Score(open[place].Values));
                }
            }

            return study.Trials;
        }

        AssertSame(Told([0, 1, 2]), Told([2, 0, 1]));
    }

    [Fact]
    public void Tell_Twice_Throws()
    {
        using var study = new Study(Space);
        var trial = study.Ask();
        study.Tell(trial, 1);

        Assert.Throws<ArgumentException>(() => study.Tell(trial, 1));
        Assert.Throws<ArgumentException>(() => study.Tell(new Trial(7, [0, 1]), 1));
    }

    [Fact]
    public void Ask_InitialValues_ComeFirst()
    {
        using var study = new Study(Space, new StudyOptions { Initial = [[0.5, 1], [1.5, 2]] });
        study.Run(3, Score);

        Assert.Equal([0.5, 1], study.Trials[0].Values);
        Assert.Equal([1.5, 2], study.Trials[1].Values);
    }

    [Fact]
    public void New_InitialOutOfRange_Throws() =>
        Assert.Throws<ArgumentException>(() => new Study(Space, new StudyOptions { Initial = [[3, 1]] }));

    [Fact]
    public void Best_EqualScores_IsTheEarliest()
    {
        using var study = new Study(Space);
        study.Run(5, _ => 1);

        Assert.Equal(0, study.Best!.Number);
        Assert.Null(new Study(Space).Best);
    }

    [Fact]
    public void New_BadSpaces_Throw()
    {
        Assert.Throws<ArgumentException>(() => new SearchSpace([]));
        Assert.Throws<ArgumentException>(() => new SearchSpace([new("a", 1, 1)]));
        Assert.Throws<ArgumentException>(() => new SearchSpace([new("a", 0, 1, Log: true)]));
        Assert.Throws<ArgumentException>(() => new SearchSpace([new("a", 0, double.PositiveInfinity)]));
        Assert.Throws<ArgumentException>(() => new SearchSpace([new("a", 0, 1), new("a", 0, 1)]));
    }

    private static double Score(IReadOnlyList<double> values) => -Math.Pow(values[0] - 0.3, 2) - Math.Pow(Math.Log(values[1]) - 1, 2);

    private static void AssertSame(IReadOnlyList<CompletedTrial> expected, IReadOnlyList<CompletedTrial> actual)
    {
        Assert.Equal(expected.Select(trial => trial.Number), actual.Select(trial => trial.Number));
        Assert.Equal(expected.SelectMany(trial => trial.Values), actual.SelectMany(trial => trial.Values));
        Assert.Equal(expected.Select(trial => trial.Score), actual.Select(trial => trial.Score));
    }
}
