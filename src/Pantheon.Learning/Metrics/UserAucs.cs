namespace Pantheon.Learning.Metrics;

/// <summary>
/// AUC of every user and objective of one scoring: what <see cref="GaucTable"/> sums up, and what <see cref="PairedBootstrap"/>
/// weighs anew.
/// </summary>
public sealed class UserAucs
{
    private readonly double[][] _aucs;

    internal UserAucs(ObjectiveLabels labels, double[][] aucs, GaucTable table)
    {
        Labels = labels;
        _aucs = aucs;
        Table = table;
    }

    /// <summary>
    /// The mean of several scorings of the same rows, user by user: of a model trained with several seeds, say. Its GAUC is the mean of
    /// theirs.
    /// </summary>
    /// <exception cref="ArgumentException">None came, or they were measured against different labels.</exception>
    public static UserAucs MeanOf(IReadOnlyList<UserAucs> scorings)
    {
        ArgumentNullException.ThrowIfNull(scorings);
        if (scorings.Count == 0 || scorings.Any(scoring => scoring.Labels != scorings[0].Labels))
        {
            throw new ArgumentException($"{scorings.Count} scorings came; expected one at least, all against the same labels", nameof(scorings));
        }

        var labels = scorings[0].Labels;
        var aucs = new double[labels.Objectives][];
        var results = new GaucResult[labels.Objectives];
        for (int objective = 0; objective < aucs.Length; objective++)
        {
            aucs[objective] = new double[labels.Groups.Count];
            for (int user = 0; user < aucs[objective].Length; user++)
            {
                double sum = 0;
                foreach (var scoring in scorings)
                {
                    sum += scoring._aucs[objective][user];
                }

                aucs[objective][user] = sum / scorings.Count;
            }

            var first = scorings[0].Table.Objectives[objective];
            results[objective] = first with
            {
                Gauc = scorings.Average(scoring => scoring.Table.Objectives[objective].Gauc),
                PositivesWeighted = scorings.Average(scoring => scoring.Table.Objectives[objective].PositivesWeighted),
            };
        }

        return new UserAucs(labels, aucs, new GaucTable(labels.Names, results));
    }

    /// <summary>The labels it was measured against.</summary>
    public ObjectiveLabels Labels { get; }

    /// <summary>The GAUCs.</summary>
    public GaucTable Table { get; }

    /// <summary>AUC of each user for one objective, <c>[U]</c>; NaN for users without both classes.</summary>
    public ReadOnlySpan<double> Of(int objective) => _aucs[objective];
}
