using Pantheon.Cli.Train;
using Pantheon.Contracts.V1;
using Pantheon.Learning.Publishing;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Train;

/// <summary>
/// What was trained is what is served: exposures of the log, sent with their raw ids and plain counts to the real service, get the
/// Pxtrs and raw scores that the training's own scorer gives them.
/// </summary>
public sealed class ServedSkewTests(TrainedService service) : IClassFixture<TrainedService>
{
    private const double Tolerance = 1e-5;

    [Fact]
    public async Task Rank_LoggedExposures_GetTheScoresOfTheTraining()
    {
        var random = new Random(3);
        var test = service.Data.Test;
        var scores = new HashSet<float>();
        for (var number = 0; number < 20; number++)
        {
            var demo = new DemoRequest(
                test.Start + random.Next(test.Count), [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => test.Start + random.Next(test.Count))]);
            scores.UnionWith((await AgreesAsync(demo)).Items.Select(item => item.RawScore));
        }

        Assert.True(scores.Count > 100, "hardly any two candidates differ");
    }

    [Fact]
    public async Task Rank_UserWithoutHistory_GetsTheScoresOfTheTraining()
    {
        var first = Enumerable.Range(0, service.Data.Count).First(row => service.Data.Raw(row)["user_counts"].Numbers!.All(count => count == 0));
        Assert.All(service.Data.Raw(first)["recent_video_id"].Ids!, id => Assert.Equal(-1, id));
        Assert.All(service.Data.Raw(first)["recent_feedback"].Ids!, id => Assert.Equal(0, id));

        await AgreesAsync(new DemoRequest(first, [first, .. Enumerable.Range(service.Data.Test.Start, 12)]));
    }

    [Fact]
    public async Task Rank_IdsThatTheVocabulariesLack_GetTheScoresOfTheTraining()
    {
        var data = service.Data;
        int[] rows = [.. Enumerable.Range(data.Test.Start, data.Test.Count)];
        int[] known = [.. rows.Where(row => data.Vocabularies["video_id"].Map(data.VideoId(row)) > 0)];
        int[] unknown = [.. rows.Where(row => data.Vocabularies["video_id"].Map(data.VideoId(row)) == 0)];
        // A user who is too rare, and one whom no table has.
        var rare = rows.First(row => data.Vocabularies["user_id"].Map(data.UserId(row)) == 0);
        var untold = rows.First(row => data.Raw(row)["user_active_degree"].Texts is [""]);
        Assert.True(known.Length > 5 && unknown.Length > 5);
        foreach (var user in (int[])[rare, untold])
        {
            var demo = new DemoRequest(user, [.. known.Take(5), .. unknown.Take(5)]);
            var answer = await AgreesAsync(demo);

            // Ids that nobody has are the same unknown ones.
            var request = Request(demo);
            var videos = request.CandidateFeatures.Single(feature => feature.Name == "video_id").Int64S;
            for (var position = 5; position < 10; position++)
            {
                videos[position] = DemoModel.NobodysId - position;
            }

            if (user == rare)
            {
                request.UserFeatures.Single(feature => feature.Name == "user_id").Int64S[0] = DemoModel.NobodysId;
            }
            else
            {
                request.UserFeatures.Single(feature => feature.Name == "user_active_degree").Strings[0] = "nobody's";
            }

            var other = await service.Client.RankAsync(request);
            Assert.Equal(answer.Items.Select(item => (item.Position, item.RawScore)), other.Items.Select(item => (item.Position, item.RawScore)));
        }
    }

    private RankRequest Request(DemoRequest demo)
    {
        var inputs = service.Data.Schema.Features.Select(feature => feature.Name).ToHashSet(StringComparer.Ordinal);
        var request = DemoRequestFile.Make(service.Data, demo, TrainedService.Model, inputs);
        request.Output = new OutputOptions { All = true, Pxtrs = true, RawScores = true };
        return request;
    }

    private async Task<RankResponse> AgreesAsync(DemoRequest demo)
    {
        var expected = service.Scorer.Score(service.Data, demo.Candidates.ToArray(), demo.User);

        var answer = await service.Client.RankAsync(Request(demo), deadline: DateTime.UtcNow + Poll.Limit);

        Assert.Equal(service.Data.Schema.Objectives, answer.Objectives);
        Assert.Equal(Enumerable.Range(0, demo.Candidates.Count), answer.Items.Select(item => item.Position).Order());
        Assert.Equal(answer.Items.OrderByDescending(item => item.RawScore).ThenBy(item => item.Position), answer.Items);
        foreach (var item in answer.Items)
        {
            Assert.Equal(service.Data.VideoId(demo.Candidates[item.Position]), item.Id);
            Assert.Equal(expected.Scores[0][item.Position], item.RawScore, Tolerance);
            Assert.Equal(expected.Pxtrs.Select(column => column[item.Position]), item.Pxtrs, (x, y) => Math.Abs(x - y) <= Tolerance);
        }

        return answer;
    }
}
