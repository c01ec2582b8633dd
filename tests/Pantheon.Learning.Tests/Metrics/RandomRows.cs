namespace Pantheon.Learning.Tests.Metrics;

/// <summary>Rows of a seed: users of many sizes, scores with ties or without, labels that the score says something about.</summary>
internal sealed class RandomRows
{
    public RandomRows(int seed, int rows, int users, int levels, params double[] rates)
    {
        var random = new Random(seed);
        Users = new int[rows];
        Scores = new float[rows];
        Labels = [.. rates.Select(_ => new byte[rows])];
        for (int row = 0; row < rows; row++)
        {
            Users[row] = (int)(users * random.NextDouble() * random.NextDouble());
            double score = random.NextDouble() - 0.5;
            Scores[row] = levels == 0 ? (float)score : (float)(Math.Floor(score * levels) / levels);
            for (int objective = 0; objective < rates.Length; objective++)
            {
                Labels[objective][row] = (byte)(random.NextDouble() < rates[objective] * (1 + score) ? 1 : 0);
            }
        }
    }

    public int[] Users { get; }

    public float[] Scores { get; }

    public byte[][] Labels { get; }

    public float[] OtherScores(int seed, double mixed)
    {
        var random = new Random(seed);
        return [.. Scores.Select(score => (float)((score * (1 - mixed)) + (random.NextDouble() * mixed)))];
    }
}
