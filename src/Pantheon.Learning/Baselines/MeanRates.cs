using Pantheon.Learning.Data;

namespace Pantheon.Learning.Baselines;

/// <summary>
/// What nothing need be learned for: how often each objective came of the training exposures of one video, or of one user, drawn towards
/// the mean over all of them where there are few: (c + k p) / (e + k). Days after the training days have no part in it.
/// </summary>
internal static class MeanRates
{
    /// <summary>Scores the test exposures: M columns of [n].</summary>
    /// <param name="entityOf">The video, or the user, of each of the log's exposures, from 0.</param>
    /// <param name="priors">p of each objective.</param>
    /// <param name="strength">k: how many exposures the prior is worth, above 0.</param>
    public static float[][] Score(Dataset data, ReadOnlySpan<int> entityOf, IReadOnlyList<float> priors, float strength)
    {
        var exposures = new int[1 + Highest(entityOf)];
        for (var row = data.Train.Start; row < data.Train.End; row++)
        {
            exposures[entityOf[row]]++;
        }

        var scores = new float[priors.Count][];
        for (var objective = 0; objective < scores.Length; objective++)
        {
            var labels = data.Labels(objective);
            var positives = new int[exposures.Length];
            for (var row = data.Train.Start; row < data.Train.End; row++)
            {
                positives[entityOf[row]] += labels[row];
            }

            scores[objective] = new float[data.Test.Count];
            for (var place = 0; place < data.Test.Count; place++)
            {
                var entity = entityOf[data.Test.Start + place];
                scores[objective][place] = (positives[entity] + (strength * priors[objective])) / (exposures[entity] + strength);
            }
        }

        return scores;
    }

    /// <summary>Two rates of the same exposures as one score, their log-odds added: as if video and user had nothing to do with each other.</summary>
    public static float[][] Joined(float[][] one, float[][] other) =>
        [.. one.Zip(other, (first, second) => first.Zip(second, (a, b) => (float)(LogOdds(a) + LogOdds(b))).ToArray())];

    private static double LogOdds(double rate) => Math.Log(rate / (1 - rate));

    private static int Highest(ReadOnlySpan<int> entities)
    {
        var highest = -1;
        foreach (var entity in entities)
        {
            highest = Math.Max(highest, entity);
        }

        return highest;
    }
}
