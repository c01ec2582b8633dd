using Pantheon.Learning.Policies;

namespace Pantheon.Learning.Tests.Policies;

/// <summary>The journal is the policy: what it holds brings a policy back to where it was.</summary>
public sealed class IppoReplayTests : IDisposable
{
    private const int Objectives = 3;
    private static readonly string[] s_names = ["one", "two"];

    private readonly string _path = Path.GetTempFileName();

    // Two references over random windows, some of them useless and some hopeful: every branch of the policy is walked.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Replay_JournalCutAfterAnyLine_GoesOnAsIfNeverInterrupted(int seed)
    {
        var random = new Random(seed);
        var options = new IppoOptions
        {
            BurnInWindows = random.Next(3),
            JudgedWindows = 1 + random.Next(3),
            ConfirmWindows = random.Next(3),
            Gap = (IppoGap)random.Next(3),
        };
        var windows = Enumerable.Range(0, 150).Select(number => Window(number, random)).ToList();
        var whole = Run(Policies(options), windows, start: 0);
        Assert.Contains(whole, decision => decision.Action == IppoAction.Promote);
        Assert.Contains(whole, decision => decision.Action == IppoAction.RaiseWeight);

        for (var cut = 0; cut <= whole.Count; cut += 1 + random.Next(5))
        {
            var policies = Policies(options);
            var kept = Through(whole.Take(cut));
            Array.ForEach(policies, policy => policy.Replay(kept));

            var rest = Run(policies, windows, start: cut);

            Assert.Equal(whole.Skip(cut).Select(decision => JsonLines.Line(decision)), rest.Select(decision => JsonLines.Line(decision)));
        }
    }

    [Fact]
    public void Replay_JournalOfOtherOptions_IsRefusedAndSaysWhere()
    {
        var random = new Random(1);
        var whole = Run(Policies(new IppoOptions { BurnInWindows = 0 }), [.. Enumerable.Range(0, 10).Select(number => Window(number, random))], start: 0);

        var error = Assert.Throws<InvalidDataException>(() => Policies(new IppoOptions { BurnInWindows = 1 })[0].Replay(whole));

        Assert.StartsWith("line 1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_OfADecision_HoldsInputsMetricsDecisionReasonAndWeights()
    {
        var policy = Policies(new IppoOptions { BurnInWindows = 0 })[0];

        var line = JsonLines.Line(policy.Decide(new IppoWindow("monday", 7, [200, 201, 202], [0.6, 0.6, 0.6], [0.5, 0.7, 0.7], [0.8, double.NaN, 0.8], [0.1, 0.2, 0.3])));

        Assert.StartsWith(
            """{"window":{"name":"monday","rows":7,"users":[200,201,202],"base":[0.6,0.6,0.6],"reference":[0.5,0.7,0.7],"ranking":[0.8,"NaN",0.8],"standard_errors":[0.1,0.2,0.3]},"reference":"one","action":"raise_weight","objective":"a","reason":"not better""",
            line, StringComparison.Ordinal);
        foreach (var key in new[] { "\"gains\":[-0.0", "\"before\":{\"base\":[0.33", "\"after\":{\"base\":[0.33" })
        {
            Assert.Contains(key, line, StringComparison.Ordinal);
        }
    }

    public void Dispose() => File.Delete(_path);

    // Written, torn in the line after the last, opened again and read: a crash.
    private IReadOnlyList<IppoDecision> Through(IEnumerable<IppoDecision> decisions)
    {
        File.WriteAllLines(_path, decisions.Select(decision => JsonLines.Line(decision)));
        File.AppendAllText(_path, "{\"window\":{\"name\":\"9");
        JsonLines.Open(_path).Dispose();
        return JsonLines.Read<IppoDecision>(_path);
    }

    private static IppoPolicy[] Policies(IppoOptions options) =>
        [.. s_names.Select((name, index) => new IppoPolicy(name, ["a", "b", "c"], [1, 1, 1], [1 + index, 1, 1], options, s_names.Length))];

    // A line for each window and reference, but none for the second where the first has just been promoted, as in a stream.
    private static List<IppoDecision> Run(IppoPolicy[] policies, List<IppoWindow> windows, int start)
    {
        var decisions = new List<IppoDecision>();
        for (var turn = start; turn < windows.Count; turn++)
        {
            var decision = policies[turn % 2].Decide(windows[turn]);
            decisions.Add(decision);
            if (decision.Action == IppoAction.Promote)
            {
                policies[(turn + 1) % 2].Rebase(decision.After.Base);
            }
        }

        return decisions;
    }

    private static IppoWindow Window(int number, Random random)
    {
        var hopeful = random.Next(4) > 0;
        double[] Draw(double low, double width) => [.. Enumerable.Range(0, Objectives).Select(_ => low + (width * random.NextDouble()))];
        var reference = Draw(hopeful ? 0.622 : 0.58, 0.04);
        reference[1] = random.Next(12) == 0 ? double.NaN : reference[1];
        return new IppoWindow(
            $"{number}", random.Next(500, 1500), [.. Draw(random.Next(8) == 0 ? 20 : 100, 90).Select(users => (int)users)], Draw(0.6, 0.02), reference, Draw(0.7, 0.1),
            Draw(0.002, 0.003));
    }
}
