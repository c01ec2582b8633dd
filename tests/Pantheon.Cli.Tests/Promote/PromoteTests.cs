using Pantheon.Contracts.V1;
using Pantheon.Learning.Policies;
using Pantheon.Promotion;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Promote;

/// <summary>`pantheon promote` on the exposures of a real service.</summary>
public sealed class PromoteTests : IDisposable
{
    private const int Requests = 12;

    private readonly TemporaryFolder _folder = new();

    private string Models => Path.Combine(_folder.Path, "models");

    private string Store => Path.Combine(_folder.Path, "exposures.db");

    private string Journal => Path.Combine(_folder.Path, "journal.jsonl");

    private string[] Judge =>
        ["promote", "judge", "--store", Store, "--base", Path.Combine(Models, "probe", "1"), "--reference", Path.Combine(Models, "probe", "2"), "--journal", Journal, "--window", "00:00:01", "--delay", "00:00:02"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Judge_WhatAServiceStored_IsScoredAgainAndJournaled()
    {
        ProbeModel.Publish(Models, "probe", 2);
        ProbeModel.Publish(Models, "probe");
        var since = DateTimeOffset.UtcNow.AddSeconds(-2);
        await using (var service = await ServiceProcess.StartReadyAsync(Models, "Exposures:Store=Sqlite", $"Exposures:Path={Store}", "Exposures:Log:FeaturesShare=1", "Exploration:Share=1"))
        {
            var scoring = new Contracts.V1.Scoring.ScoringClient(service.Channel);
            var request = ProbeModel.Request("probe", 0, 0.1f, 0.5f, 0.9f);
            (request.UserKey, request.TopK) = ("u", 2);
            await Poll.UntilAsync(async () => (await scoring.RankAsync(request)).RankingId.Length > 0, "the store is open");
            for (var i = 0; i < Requests; i++)
            {
                request.UserKey = $"{i % 3}";
                var answer = await scoring.RankAsync(request);
                await new Feedback.FeedbackClient(service.Channel).ReportAsync(new ReportRequest
                {
                    Reports =
                    {
                        new FeedbackReport
                        {
                            RankingId = answer.RankingId,
                            Items = { new ItemFeedback { Rank = 0, ShownPosition = 0, Outcomes = { ["click"] = i % 2 } }, new ItemFeedback { Rank = 1, ShownPosition = 1 } },
                        },
                    },
                });
            }

            service.Terminate();
            Assert.Equal(0, await service.ExitAsync());
        }

        string[] arguments = [.. Judge, "--label", "ctr=click", "--since", since.ToString("O")];
        await Poll.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > File.GetLastWriteTimeUtc(Store).AddSeconds(4)), "the windows are over");
        var run = (await CliRun.OfAsync(arguments)).Succeeded();

        var decisions = JsonLines.Read<PromotionEntry>(Journal).Select(entry => entry.Decision).OfType<IppoDecision>().ToList();
        Assert.Equal(2 * Requests, decisions.Sum(decision => decision.Window.Rows));
        Assert.All(decisions, decision => Assert.Equal(IppoAction.Wait, decision.Action));
        Assert.Contains("0 not drawn, 0 not stored whole, 0 not scored", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("stays the base\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(decisions.Count + 1, run.Output.Count(letter => letter == '\n'));
        var status = (await CliRun.OfAsync("promote", "status", "--journal", Journal)).Succeeded();
        Assert.Contains("wait", status.Output, StringComparison.Ordinal);
        Assert.Contains("1.000", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_NotSaidRight_IsOneLine()
    {
        ProbeModel.Publish(Models, "probe");
        CliRun.Of([.. Judge, "--label", "ctr"]).FailedWith(2, "promote judge: --label: got 'ctr', expected OBJECTIVE=OUTCOME or OBJECTIVE=OUTCOME>=NUMBER");
        CliRun.Of([.. Judge, "--label", "ctr=click"]).FailedWith(1, $"promote judge: --store: {Store} is not there, expected the file of a service with Serving:Exposures:Store=Sqlite");
        CliRun.Of([.. Judge, "--label", "ctr=click", "--label", "ctr=view"])
            .FailedWith(2, "promote judge: Labels[1]: got objective 'ctr' again, expected one rule for each");
        CliRun.Of("promote", "status", "--journal", Journal).FailedWith(1, $"promote status: {Journal}: no decisions, expected the journal of `promote judge` or `promote run`");
    }
}
