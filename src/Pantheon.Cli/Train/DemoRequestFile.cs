using System.Globalization;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Learning.Data;
using Pantheon.Learning.Publishing;
using Pantheon.Modeling.Features;

namespace Pantheon.Cli.Train;

/// <summary>A request of raw ids and plain numbers, as a gateway would send it, from logged exposures.</summary>
internal static class DemoRequestFile
{
    public static RankRequest Make(Dataset data, DemoRequest demo, string model, IReadOnlySet<string> inputs)
    {
        var request = new RankRequest
        {
            RequestId = $"{model}-demo",
            Model = model,
            UserKey = data.UserId(demo.User).ToString(CultureInfo.InvariantCulture),
            TopK = 10,
        };
        request.UserFeatures.AddRange(Features(data, FeatureSide.User, [demo.User], inputs));
        request.CandidateFeatures.AddRange(Features(data, FeatureSide.Candidate, demo.Candidates, inputs));
        request.CandidateIds.AddRange(demo.Candidates.Select(data.VideoId));
        return request;
    }

    /// <summary>Writes it as a file that `pantheon rank --request` and run.sh take.</summary>
    public static void Write(string path, RankRequest request) =>
        File.WriteAllText(path, new JsonFormatter(JsonFormatter.Settings.Default.WithIndentation()).Format(request) + "\n");

    private static IEnumerable<Contracts.V1.Feature> Features(Dataset data, FeatureSide side, IReadOnlyList<int> rows, IReadOnlySet<string> inputs)
    {
        var raw = rows.Select(data.Raw).ToList();
        for (var index = 0; index < data.Schema.Features.Count; index++)
        {
            var feature = data.Schema.Features[index];
            if (feature.Side != side || !inputs.Contains(feature.Name))
            {
                continue;
            }

            var message = new Contracts.V1.Feature { Name = feature.Name };
            foreach (var row in raw)
            {
                var value = row.Features[index];
                message.Int64S.AddRange(value.Ids ?? []);
                message.Strings.AddRange(value.Texts ?? []);
                message.Floats.AddRange(value.Numbers ?? []);
            }

            yield return message;
        }
    }
}
