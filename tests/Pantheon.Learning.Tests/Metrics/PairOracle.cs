namespace Pantheon.Learning.Tests.Metrics;

/// <summary>The metrics by their definitions, over all pairs.</summary>
internal static class PairOracle
{
    public static double Auc(IReadOnlyList<float> scores, IReadOnlyList<byte> labels)
    {
        double ordered = 0;
        double pairs = 0;
        for (int a = 0; a < scores.Count; a++)
        {
            for (int b = 0; b < scores.Count; b++)
            {
                if (labels[a] > labels[b])
                {
                    pairs++;
                    ordered += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0;
                }
            }
        }

        return ordered / pairs;
    }

    public static (double Gauc, double ByPositives) Gauc(int[] users, float[] scores, byte[] labels)
    {
        double exposures = 0;
        double positives = 0;
        double byExposures = 0;
        double byPositives = 0;
        foreach (var rows in Enumerable.Range(0, users.Length).GroupBy(row => users[row]))
        {
            double auc = Auc([.. rows.Select(row => scores[row])], [.. rows.Select(row => labels[row])]);
            if (!double.IsNaN(auc))
            {
                int mine = rows.Sum(row => labels[row]);
                exposures += rows.Count();
                positives += mine;
                byExposures += rows.Count() * auc;
                byPositives += mine * auc;
            }
        }

        return (byExposures / exposures, byPositives / positives);
    }

    public static double Tau(IReadOnlyList<float> first, IReadOnlyList<float> second)
    {
        double sum = 0;
        double unequalFirst = 0;
        double unequalSecond = 0;
        for (int a = 0; a < first.Count; a++)
        {
            for (int b = 0; b < a; b++)
            {
                int x = first[a].CompareTo(first[b]);
                int y = second[a].CompareTo(second[b]);
                sum += x * y;
                unequalFirst += x * x;
                unequalSecond += y * y;
            }
        }

        return sum / Math.Sqrt(unequalFirst * unequalSecond);
    }
}
