namespace Pantheon.Learning.Policies;

/// <summary>A window with what was decided after it.</summary>
/// <param name="Windows">Of each reference: its figures beside those of the base as it was in the window.</param>
/// <param name="Decisions">In the order they were made; a reference has none where another one was just promoted.</param>
public sealed record JudgedWindow(IReadOnlyList<IppoWindow> Windows, IReadOnlyList<IppoDecision> Decisions);

/// <summary>What a stream came to, with scores of the days to test on, which it had no part in.</summary>
/// <param name="Windows">In order.</param>
/// <param name="Pxtrs">Of the ranking model at the end of the stream.</param>
/// <param name="Incumbent">Its name and scores.</param>
/// <param name="Base">Scores of the base at the end; null if it still is the incumbent.</param>
/// <param name="References">Names and scores of the references at the end.</param>
public sealed record IppoResult(
    IReadOnlyList<JudgedWindow> Windows, float[][] Pxtrs, (string Name, float[] Scores) Incumbent, float[]? Base,
    IReadOnlyList<(string Name, float[] Scores)> References);
