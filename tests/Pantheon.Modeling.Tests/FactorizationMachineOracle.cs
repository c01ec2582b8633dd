using Pantheon.Modeling.Features;
using Pantheon.Modeling.Ranking;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Modeling.Tests;

/// <summary>Rendle 2010, Eq. 1, as it is printed: a row's variables, and the product of every two of them.</summary>
internal static class FactorizationMachineOracle
{
    /// <summary>The log-odds of each objective for a row.</summary>
    public static double[] Logits(
        FeatureSchema schema, Dictionary<string, double[]> parameters, float[] priors, RankingOptions options, Dictionary<string, TensorValue> feed, int row)
    {
        var (objectives, factors) = (priors.Length, options.EmbeddingWidth);
        var variables = Variables(schema, parameters, priors, options, feed, row, objectives * (1 + factors)).ToList();
        var logits = new double[objectives];
        for (var objective = 0; objective < objectives; objective++)
        {
            logits[objective] = parameters["ranking/bias"][objective] + Math.Log(priors[objective] / (1.0 - priors[objective]));
            for (var i = 0; i < variables.Count; i++)
            {
                logits[objective] += variables[i].Value * variables[i].Weights[objective];
                for (var j = i + 1; j < variables.Count; j++)
                {
                    for (var factor = 0; factor < factors; factor++)
                    {
                        var place = objectives + (objective * factors) + factor;
                        logits[objective] += variables[i].Value * variables[j].Value * variables[i].Weights[place] * variables[j].Weights[place];
                    }
                }
            }
        }

        return logits;
    }

    private static IEnumerable<(double[] Weights, double Value)> Variables(
        FeatureSchema schema, Dictionary<string, double[]> parameters, float[] priors, RankingOptions options, Dictionary<string, TensorValue> feed, int row, int width)
    {
        double[] Row(string name, long index) => parameters[name].AsSpan((int)index * width, width).ToArray();
        foreach (var side in Enum.GetValues<FeatureSide>())
        {
            var number = 0;
            foreach (var feature in schema.Features.Where(feature => feature.Side == side))
            {
                switch (feature)
                {
                    case IdFeature:
                        yield return (Row($"ranking/factors/{feature.Name}", feed[feature.Name].Int64s![row]), 1);
                        break;
                    case HistoryFeature history when options.AttentionWidth > 0:
                        var filled = feed[feature.Name].Int64s!.Skip(row * history.Length).Take(history.Length).Where(id => id > 0).ToList();
                        var rows = filled.Select(id => Row($"ranking/factors/{feature.Name}", id)).ToList();
                        yield return ([.. Enumerable.Range(0, width).Select(place => rows.Sum(values => values[place]) / Math.Max(1, rows.Count))], 1);
                        break;
                    case HistoryFeature:
                        break;
                    default:
                        foreach (var value in Numbers(feature, feed[feature.Name].Floats!, priors, options.PriorStrength, row))
                        {
                            yield return (Row($"ranking/numbers/{side.ToString().ToLowerInvariant()}", number++), value);
                        }

                        break;
                }
            }
        }
    }

    private static IEnumerable<double> Numbers(Feature feature, float[] values, float[] priors, double strength, int row)
    {
        if (feature is DenseFeature dense)
        {
            return values.Skip(row * dense.Width).Take(dense.Width).Select(value => 0.25 * Math.Log(1.0 + value));
        }

        var counts = values.AsSpan(row * (1 + priors.Length), 1 + priors.Length).ToArray();
        return priors.Select((prior, objective) =>
                Math.Log((counts[1 + objective] + (strength * prior)) / (Math.Max(0, counts[0] - counts[1 + objective]) + (strength * (1 - prior)))) - Math.Log(prior / (1.0 - prior)))
            .Prepend(0.25 * Math.Log(1.0 + counts[0]));
    }
}
