using Pantheon.Learning.Metrics;
using Pantheon.Learning.Search;

namespace Pantheon.Learning.Tests.Search;

/// <summary>Rows whose Pxtrs are the true probabilities of their labels: one taste that all objectives share, and one of each.</summary>
internal sealed class PxtrWorld
{
    public static readonly string[] Names = ["is_click", "long view", "is_like"];

    public PxtrWorld(int seed, int rows, int users)
    {
        double[] rates = [0.4, 0.15, 0.02];
        var random = new Random(seed);
        int[] user = new int[rows];
        float[][] pxtrs = [new float[rows], new float[rows], new float[rows]];
        byte[][] labels = [new byte[rows], new byte[rows], new byte[rows]];
        for (int row = 0; row < rows; row++)
        {
            user[row] = random.Next(users);
            double shared = random.NextDouble() - 0.5;
            for (int objective = 0; objective < 3; objective++)
            {
                double logit = Math.Log(rates[objective] / (1 - rates[objective])) + (2 * shared) + (3 * (random.NextDouble() - 0.5));
                double probability = 1 / (1 + Math.Exp(-logit));
                pxtrs[objective][row] = (float)probability;
                labels[objective][row] = (byte)(random.NextDouble() < probability ? 1 : 0);
            }
        }

        Pxtrs = new PxtrTable(Names, pxtrs);
        Labels = ObjectiveLabels.Of(UserGroups.Of(user), labels, Names);
    }

    public PxtrTable Pxtrs { get; }

    public ObjectiveLabels Labels { get; }
}
