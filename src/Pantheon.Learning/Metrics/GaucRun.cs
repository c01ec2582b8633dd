using System.Buffers;
using System.Numerics;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// One pass over all users for one score. Pieces of work write to places of their own and are summed in order afterwards: the result
/// does not depend on threads.
/// </summary>
internal sealed unsafe class GaucRun
{
    private readonly float* _scores;
    private readonly ObjectiveLabels _labels;
    private readonly uint _wanted;
    private readonly double[][]? _aucs;

    // For each piece of work and objective: sum of AUC times exposures, sum of AUC times positives.
    private readonly double[] _sums;
    private volatile bool _notANumber;

    /// <param name="scores">Pinned by the caller for as long as this lives, <c>[n]</c> in the rows' order.</param>
    /// <param name="wanted">A bit for each objective that is to be measured.</param>
    /// <param name="aucs">Filled with the users' AUCs if given.</param>
    public GaucRun(float* scores, ObjectiveLabels labels, uint wanted, double[][]? aucs)
    {
        _scores = scores;
        _labels = labels;
        _wanted = wanted;
        _aucs = aucs;
        _sums = new double[labels.Groups.ChunkCount * labels.Objectives * 2];
    }

    /// <exception cref="ArgumentException">A score is not a number.</exception>
    public void Run()
    {
        int chunks = _labels.Groups.ChunkCount;
        if (chunks > 1)
        {
            Parallel.For(0, chunks, Chunk);
        }
        else if (chunks == 1)
        {
            Chunk(0);
        }

        if (_notANumber)
        {
            throw new ArgumentException("a score is not a number; expected all to be", "scores");
        }
    }

    public GaucResult Result(int objective)
    {
        double exposures = 0;
        double positives = 0;
        for (int sum = objective * 2; sum < _sums.Length; sum += _labels.Objectives * 2)
        {
            exposures += _sums[sum];
            positives += _sums[sum + 1];
        }

        var groups = _labels.Groups;
        var retained = _labels.Retained[objective];
        return new GaucResult(
            exposures / retained.Rows, positives / retained.Positives,
            (double)retained.Users / groups.Users, (double)retained.Rows / groups.Rows);
    }

    private void Chunk(int chunk)
    {
        var groups = _labels.Groups;
        var offsets = groups.Offsets;
        var mixed = _labels.Mixed;
        int first = groups.Chunks[chunk];
        int end = groups.Chunks[chunk + 1];
        int largest = 0;
        for (int user = first; user < end; user++)
        {
            largest = Math.Max(largest, offsets[user + 1] - offsets[user]);
        }

        ulong[] buffer = ArrayPool<ulong>.Shared.Rent(2 * largest);
        var sums = _sums.AsSpan(chunk * _labels.Objectives * 2, _labels.Objectives * 2);
        Span<long> doubled = stackalloc long[ObjectiveLabels.MaximumObjectives];
        for (int user = first; user < end; user++)
        {
            uint objectives = mixed[user] & _wanted;
            if (objectives == 0)
            {
                continue;
            }

            int rows = offsets[user + 1] - offsets[user];
            var keys = buffer.AsSpan(0, rows);
            Fill(keys, offsets[user], objectives);
            doubled[.._labels.Objectives].Clear();
            RankSums.Add(keys, buffer.AsSpan(largest), doubled);
            for (; objectives != 0; objectives &= objectives - 1)
            {
                int objective = BitOperations.TrailingZeroCount(objectives);
                int positives = _labels.PositivesOf(objective)[user];
                double auc = RankSums.Auc(doubled[objective], positives, rows);
                sums[objective * 2] += auc * rows;
                sums[(objective * 2) + 1] += auc * positives;
                if (_aucs is not null)
                {
                    _aucs[objective][user] = auc;
                }
            }
        }

        ArrayPool<ulong>.Shared.Return(buffer);
    }

    private void Fill(Span<ulong> keys, int offset, uint objectives)
    {
        var positives = _labels.Positives.Slice(offset, keys.Length);
        bool notANumber = false;
        if (_labels.Groups.InOrder)
        {
            float* scores = _scores + offset;
            for (int place = 0; place < keys.Length; place++)
            {
                notANumber |= float.IsNaN(scores[place]);
                keys[place] = RankSums.Key(scores[place], positives[place] & objectives);
            }
        }
        else
        {
            var order = _labels.Groups.Order.Slice(offset, keys.Length);
            for (int place = 0; place < keys.Length; place++)
            {
                float score = _scores[order[place]];
                notANumber |= float.IsNaN(score);
                keys[place] = RankSums.Key(score, positives[place] & objectives);
            }
        }

        if (notANumber)
        {
            _notANumber = true;
        }
    }
}
