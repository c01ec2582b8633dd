using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Requests;

namespace Pantheon.Scoring.Engine;

/// <summary>A request scored beside the way of requests: no queue, no deadline, on the calling thread. For comparing versions.</summary>
public static class DirectScoring
{
    /// <summary>Scores every candidate and selects the best.</summary>
    /// <param name="query">The request, which must live as long as the result; its features are changed in place.</param>
    /// <param name="top">How many to select.</param>
    /// <returns>The ranking, to be disposed.</returns>
    /// <exception cref="GraphException">The request does not fit the model, the graph fails, or a score is not finite.</exception>
    public static RankResult Score(RankQuery query, LoadedModel model, EngineOptions options, int top)
    {
        var bound = new PinnedList[model.Inputs.Length];
        var candidates = 0;
        var fault = query.DecodeFault ?? FeatureBinder.Prepare(query, model, options, bound, out candidates);
        if (fault is not null)
        {
            throw new GraphException($"the request does not fit: {fault.Message}");
        }

        var result = new RankResult(query, model, ServingArm.Shadow, candidates);
        try
        {
            ScoringEngine.Run(model, bound, result, CancellationToken.None);
            foreach (var score in result.Scores)
            {
                if (!float.IsFinite(score))
                {
                    throw new GraphException($"a score is {score}, expected a finite number");
                }
            }

            result.Select(top);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }
}
