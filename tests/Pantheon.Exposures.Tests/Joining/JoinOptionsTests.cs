using Pantheon.Exposures.Joining;

namespace Pantheon.Exposures.Tests.Joining;

public sealed class JoinOptionsTests
{
    private static readonly DateTimeOffset Noon = Sample.Noon;
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void WindowOf_AnyTime_BeginsAtAMultipleOfTheLength()
    {
        var join = new JoinOptions { WindowLength = TimeSpan.FromMinutes(7), FeedbackDelay = TimeSpan.FromMinutes(1) };
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var at = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(TimeSpan.TicksPerDay * 30_000));
            var window = join.WindowOf(at);

            Assert.Equal(0, (window.From - DateTimeOffset.UnixEpoch).Ticks % join.WindowLength.Ticks);
            Assert.InRange(at, window.From, window.To - Tick);
            Assert.Equal((join.WindowLength, join.FeedbackDelay), (window.To - window.From, window.ClosedAt - window.To));
        }
    }

    [Fact]
    public void LastClosed_AtAndBeforeTheClosing_IsThisAndTheOneBefore()
    {
        Assert.Equal(Sample.Window, Sample.Join.LastClosed(Sample.Window.ClosedAt));
        Assert.Equal(Sample.Join.WindowOf(Noon - Tick), Sample.Join.LastClosed(Sample.Window.ClosedAt - Tick));
        Assert.Null(Sample.Join.LastClosed(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Closed_SinceATime_AreThoseThatBeginThereAndHaveClosed()
    {
        var closed = Sample.Join.Closed(Noon.AddHours(-3), Sample.Window.ClosedAt).ToList();

        Assert.Equal([Noon.AddHours(-3), Noon.AddHours(-2), Noon.AddHours(-1), Noon], closed.Select(window => window.From));
        Assert.Equal(3, Sample.Join.Closed(Noon.AddHours(-3) + Tick, Sample.Window.ClosedAt).Count());
        Assert.Empty(Sample.Join.Closed(Noon.AddHours(1), Sample.Window.ClosedAt));
        Assert.Empty(Sample.Join.Closed(Noon, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Validate_OutOfRange_NamesTheSetting()
    {
        Assert.Equal("WindowLength: got 00:00:00, expected at least 00:00:00.0010000", Message(Sample.Join with { WindowLength = TimeSpan.Zero }));
        Assert.Equal("WindowLength: got 00:00:01.0000001, expected whole milliseconds", Message(Sample.Join with { WindowLength = TimeSpan.FromSeconds(1) + Tick }));
        Assert.Equal("FeedbackDelay: got -00:00:01, expected at least 00:00:00", Message(Sample.Join with { FeedbackDelay = TimeSpan.FromSeconds(-1) }));
        Assert.Equal("Labels: got none, expected a rule for each objective", Message(new JoinOptions()));
        Assert.Equal("Labels[0]: got an empty name, expected an objective and an outcome", Message(Sample.Join with { Labels = [new LabelRule("ctr", "")] }));
        Assert.Equal(
            "Labels[1]: got objective 'ctr' again, expected one rule for each",
            Message(Sample.Join with { Labels = [new LabelRule("ctr", "click"), new LabelRule("ctr", "tap")] }));
        Assert.Equal("Labels[0].AtLeast: got 0, expected a finite number above 0", Message(Sample.Join with { Labels = [new LabelRule("ctr", "click", 0)] }));
    }

    [Fact]
    public void Window_TimesThatMakeNone_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new ExposureWindow(Noon, Noon, Noon));
        Assert.Throws<ArgumentException>(() => new ExposureWindow(Noon, Noon.AddHours(1), Noon));
        Assert.Throws<ArgumentException>(() => new ExposureWindow(Noon + Tick, Noon.AddHours(1), Noon.AddHours(1)));
        Assert.Throws<ArgumentException>(() => new ExposureWindow(DateTimeOffset.UnixEpoch.AddHours(-1), Noon, Noon));
    }

    [Theory]
    [InlineData(null, 0, false)]
    [InlineData(null, 0.001, true)]
    [InlineData(18.0, 17.999, false)]
    [InlineData(18.0, 18, true)]
    public void IsPositive_AtTheThreshold_IsInclusive(double? atLeast, double value, bool expected) =>
        Assert.Equal(expected, new LabelRule("o", "x", atLeast).IsPositive(value));

    private static string Message(JoinOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
}
