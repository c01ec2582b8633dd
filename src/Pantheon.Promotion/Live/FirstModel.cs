using Pantheon.Bundles;
using Pantheon.Exposures.Joining;
using Pantheon.Learning.Publishing;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Promotion.Live;

/// <summary>A first bundle for a service that has none, learned from exposures that came from elsewhere.</summary>
public static class FirstModel
{
    /// <summary>Learns from a window and publishes what came of it.</summary>
    /// <param name="options">Features, objectives and networks.</param>
    /// <param name="window">Every item in it with its request's features.</param>
    /// <param name="repository">Directory of the models.</param>
    /// <param name="formula">The score, over the Pxtrs; null: the head's.</param>
    /// <param name="baseline">The scale that consumers of its scores are to get used to.</param>
    /// <param name="lineage">Where it comes from.</param>
    /// <exception cref="BundleException">Nothing was published.</exception>
    /// <exception cref="ArgumentException">An option is wrong, or the window lacks a class of an objective.</exception>
    public static Bundle Publish(
        PromoterOptions options, JoinedWindow window, string repository, FusionFormula? formula, Moments baseline, Lineage lineage, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        using var learner = new LiveLearner(options);
        var examples = learner.Read(window);
        if (!learner.CanBegin(examples))
        {
            throw new ArgumentException($"{examples.Count} items came that fit ({examples.Misfit ?? "none misfits"}), expected both classes of every objective among them");
        }

        learner.Begin(examples, learner.WeightsOf(examples), cancellation);
        examples = learner.Read(window);
        void Check(Bundle staged) => LoadedContender.Check(staged, cancellation);
        if (formula is null)
        {
            return learner.Publish(ofReference: true, examples, new ModelRepository(repository), lineage, Check, baseline);
        }

        var aside = Directory.CreateTempSubdirectory("pantheon-first-").FullName;
        try
        {
            var ranking = learner.Publish(ofReference: true, examples, new ModelRepository(aside), lineage, Check, baseline);
            var scores = Score(formula, learner.Score(examples, cancellation).Pxtrs);
            return FormulaBundle.Publish(repository, options.Model, ranking, formula, LiveLearner.MomentsOf(scores, examples), baseline, lineage, Check);
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    private static float[] Score(FusionFormula formula, float[][] pxtrs)
    {
        var scores = new float[pxtrs[0].Length];
        var row = new double[pxtrs.Length];
        for (var index = 0; index < scores.Length; index++)
        {
            for (var objective = 0; objective < row.Length; objective++)
            {
                row[objective] = pxtrs[objective][index];
            }

            scores[index] = (float)formula.Evaluate(row);
        }

        return scores;
    }
}
