namespace Pantheon.Learning.Metrics;

/// <summary>
/// GAUC, Pantheon Eq. 15: <c>sum_u w_u AUC_u</c> with <c>w_u</c> the user's share of exposures. What the paper leaves open is chosen
/// here: users without both classes of an objective are dropped and the weights taken over the others; a tied pair counts half.
/// Users are measured in parallel, with results that do not depend on the number of threads.
/// </summary>
public static unsafe class Gauc
{
    /// <summary>One score against all objectives: one sort for each user.</summary>
    /// <param name="scores"><c>[n]</c> in the rows' order; higher is better.</param>
    /// <param name="labels">The rows' labels.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a retained user's score is not a number.</exception>
    public static GaucTable Compute(ReadOnlySpan<float> scores, ObjectiveLabels labels) => Run(scores, labels, null);

    /// <inheritdoc cref="Compute(ReadOnlySpan{float}, ObjectiveLabels)"/>
    /// <param name="labels">
    /// M columns of 0 and 1, each <c>[n]</c>. To measure several scores, make <see cref="ObjectiveLabels"/> once.
    /// </param>
    /// <param name="groups">The rows' users.</param>
    public static GaucTable Compute(ReadOnlySpan<float> scores, IReadOnlyList<byte[]> labels, UserGroups groups) =>
        Compute(scores, ObjectiveLabels.Of(groups, labels));

    /// <summary>One score against one objective.</summary>
    /// <inheritdoc cref="Compute(ReadOnlySpan{float}, ObjectiveLabels)"/>
    /// <param name="labels">0 and 1, <c>[n]</c>.</param>
    /// <param name="groups">The rows' users.</param>
    public static GaucResult Compute(ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels, UserGroups groups) =>
        Compute(scores, ObjectiveLabels.Of(groups, labels)).Objectives[0];

    /// <summary>A score of its own for each objective, such as a ranking model's Pxtrs.</summary>
    /// <param name="scores">M columns <c>[n]</c> in the objectives' order.</param>
    /// <inheritdoc cref="Compute(ReadOnlySpan{float}, ObjectiveLabels)"/>
    public static GaucTable ComputeEach(IReadOnlyList<float[]> scores, ObjectiveLabels labels) => RunEach(scores, labels, null);

    /// <summary>As <see cref="Compute(ReadOnlySpan{float}, ObjectiveLabels)"/>, with each user's AUCs kept.</summary>
    public static UserAucs PerUser(ReadOnlySpan<float> scores, ObjectiveLabels labels)
    {
        double[][] aucs = Empty(labels);
        return new UserAucs(labels, aucs, Run(scores, labels, aucs));
    }

    /// <summary>As <see cref="ComputeEach"/>, with each user's AUCs kept.</summary>
    public static UserAucs PerUserEach(IReadOnlyList<float[]> scores, ObjectiveLabels labels)
    {
        double[][] aucs = Empty(labels);
        return new UserAucs(labels, aucs, RunEach(scores, labels, aucs));
    }

    private static GaucTable Run(ReadOnlySpan<float> scores, ObjectiveLabels labels, double[][]? aucs)
    {
        ArgumentNullException.ThrowIfNull(labels);
        labels.Groups.CheckRows(scores.Length, nameof(scores));
        fixed (float* pinned = scores)
        {
            var run = new GaucRun(pinned, labels, uint.MaxValue, aucs);
            run.Run();
            var results = new GaucResult[labels.Objectives];
            for (int objective = 0; objective < results.Length; objective++)
            {
                results[objective] = run.Result(objective);
            }

            return new GaucTable(labels.Names, results);
        }
    }

    private static GaucTable RunEach(IReadOnlyList<float[]> scores, ObjectiveLabels labels, double[][]? aucs)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Count != labels.Objectives)
        {
            throw new ArgumentException(
                $"{scores.Count} scores came; expected {labels.Objectives}, one for each objective", nameof(scores));
        }

        var results = new GaucResult[labels.Objectives];
        for (int objective = 0; objective < results.Length; objective++)
        {
            labels.Groups.CheckRows(scores[objective].Length, nameof(scores));
            fixed (float* pinned = scores[objective])
            {
                var run = new GaucRun(pinned, labels, 1u << objective, aucs);
                run.Run();
                results[objective] = run.Result(objective);
            }
        }

        return new GaucTable(labels.Names, results);
    }

    private static double[][] Empty(ObjectiveLabels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        double[][] aucs = new double[labels.Objectives][];
        for (int objective = 0; objective < aucs.Length; objective++)
        {
            aucs[objective] = new double[labels.Groups.Count];
            Array.Fill(aucs[objective], double.NaN);
        }

        return aucs;
    }
}
