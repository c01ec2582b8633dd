namespace Pantheon.Scoring.Engine;

/// <summary>Hears of every ranking that is about to be answered. It must neither block nor throw.</summary>
public interface IRankingSink
{
    /// <summary>A ranking, which lives only until this returns. What it sets as <see cref="RankResult.RankingId"/> goes into the answer.</summary>
    public void Ranked(RankResult result);
}
