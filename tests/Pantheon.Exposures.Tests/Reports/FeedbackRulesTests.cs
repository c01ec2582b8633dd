using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;

namespace Pantheon.Exposures.Tests.Reports;

public sealed class FeedbackRulesTests
{
    private static readonly Ranking Returned = Sample.Ranking();

    public static TheoryData<FeedbackReport, string> Faults()
    {
        var many = Enumerable.Range(0, 33).Select(index => ($"o{index}", 1.0)).ToArray();
        return new TheoryData<FeedbackReport, string>
        {
            { new(Guid.Parse("6f9619ff-8b86-4011-b42d-00cf4fc964ff"), []), "ranking_id: got 6f9619ff-8b86-4011-b42d-00cf4fc964ff, expected the ranking_id of an answer" },
            { Sample.Shown(Sample.Ranking(Sample.Noon.AddDays(-8)), 0), "ranking_id: got one of 2024-07-17 12:00:00Z, expected one of the last 168 hours" },
            { Sample.Shown(Sample.Ranking(Sample.Noon.AddMinutes(6)), 0), "ranking_id: got one of 2024-07-25 12:06:00Z, expected one of the last 168 hours" },
            { Sample.Shown(Returned), "items: got 0, expected 1 to 1024 items" },
            { Sample.Shown(Returned, [.. Enumerable.Range(0, 1025)]), "items: got 1025, expected 1 to 1024 items" },
            { Sample.Shown(Returned, 0, -1), "items[1].rank: got -1, expected at least 0" },
            { Sample.Report(Returned, 0, -2), "items[0].shown_position: got -2, expected at least 0" },
            { Sample.Report(Returned, 0, 0, many), "items[0].outcomes: got 33, expected at most 32 outcomes" },
            { Sample.Report(Returned, 0, 0, ("", 1)), "items[0].outcomes: got '', expected a name of 1 to 64 letters, digits, '_', '-' or '.'" },
            { Sample.Report(Returned, 0, 0, ("a b", 1)), "items[0].outcomes: got 'a b', expected a name of 1 to 64 letters, digits, '_', '-' or '.'" },
            { Sample.Report(Returned, 0, 0, ("click\n", 1)), "items[0].outcomes: got 'click\n', expected a name of 1 to 64 letters, digits, '_', '-' or '.'" },
            { Sample.Report(Returned, 0, 0, ("click", double.NaN)), "items[0].outcomes[\"click\"]: got NaN, expected a finite number, at least 0" },
            { Sample.Report(Returned, 0, 0, ("click", double.PositiveInfinity)), "items[0].outcomes[\"click\"]: got Infinity, expected a finite number, at least 0" },
            { Sample.Report(Returned, 0, 0, ("click", -0.5)), "items[0].outcomes[\"click\"]: got -0.5, expected a finite number, at least 0" },
        };
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Check_WhatIsNotTaken_SaysFieldGotAndExpected(FeedbackReport report, string message) =>
        Assert.Equal(message, FeedbackRules.Check(report, new FeedbackLimits(), Sample.Noon)?.Message);

    [Fact]
    public void Check_AtItsLimits_IsTaken()
    {
        var outcomes = Enumerable.Range(0, 32).Select(index => ($"{index}".PadLeft(64, 'x'), double.MaxValue)).ToArray();
        var old = Sample.Ranking(Sample.Noon.AddDays(-7));

        Assert.Null(FeedbackRules.Check(Sample.Report(old, int.MaxValue, int.MaxValue, outcomes), new FeedbackLimits(), Sample.Noon));
        Assert.Null(FeedbackRules.Check(Sample.Report(Sample.Ranking(Sample.Noon.AddMinutes(5)), 0, null), new FeedbackLimits(), Sample.Noon));
    }

    [Fact]
    public void Check_ALongName_IsQuotedInPart()
    {
        var fault = FeedbackRules.Check(Sample.Report(Returned, 0, 0, (new string('n', 1000), 1)), new FeedbackLimits(), Sample.Noon);

        Assert.Equal($"'{new string('n', 64)}...' of 1000 characters", fault!.Got);
    }

    [Fact]
    public void Limits_OutOfRange_AreNamed()
    {
        Assert.Equal("ItemsPerReport: got 0, expected at least 1", Assert.Throws<ArgumentException>((new FeedbackLimits { ItemsPerReport = 0 }).Validate).Message);
        Assert.Equal("ClockSkew: got -00:00:01, expected at least 00:00:00", Assert.Throws<ArgumentException>((new FeedbackLimits { ClockSkew = TimeSpan.FromSeconds(-1) }).Validate).Message);
        new FeedbackLimits().Validate();
    }
}
