using System.Runtime.InteropServices;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.TopK;

namespace Pantheon.Scoring.Tests.Hosting;

/// <summary>A copy of an outcome.</summary>
internal sealed class Ranking
{
    public Ranking(RankOutcome outcome)
    {
        Fault = outcome.Fault;
        if (outcome.Result is not { } result)
        {
            return;
        }

        Positions = [.. result.Keys.ToArray().Select(TopKSelector.Position)];
        Scores = [.. Positions.Select(position => result.Scores[position])];
        Calibrated = [.. Scores.Select(score => result.Calibrator?.Apply(score) ?? score)];
        Pxtrs = [.. Enumerable.Range(0, result.PxtrOutputs).Select(output => result.Pxtrs(output, out _).ToArray())];
        Dropped = [.. result.Dropped];
        Candidates = result.Candidates;
        Version = result.Model.Version;
        Arm = result.Arm;
        Seconds = result.Seconds;
    }

    public RankFault? Fault { get; }

    public int[] Positions { get; } = [];

    public float[] Scores { get; } = [];

    public float[] Calibrated { get; } = [];

    public float[][] Pxtrs { get; } = [];

    public int[] Dropped { get; } = [];

    public int Candidates { get; }

    public long Version { get; }

    public ServingArm Arm { get; }

    public StageSeconds Seconds { get; }
}

/// <summary>Fills requests.</summary>
internal static class RankQueryFilling
{
    public static RankQuery Floats(this RankQuery query, bool ofUser, string name, params float[] values) =>
        query.Fill(ofUser, name, 0, column => MemoryMarshal.AsBytes<float>(values).CopyTo(column.Floats.Append(values.Length * sizeof(float))));

    public static RankQuery Int64s(this RankQuery query, bool ofUser, string name, params long[] values) =>
        query.Fill(ofUser, name, 0, column => MemoryMarshal.AsBytes<long>(values).CopyTo(column.Int64s.Append(values.Length * sizeof(long))));

    public static RankQuery Data<T>(this RankQuery query, bool ofUser, string name, int type, params T[] values)
        where T : unmanaged => query.Fill(ofUser, name, type, column => Fill(column, values));

    public static RankQuery Texts(this RankQuery query, bool ofUser, string name, params string[] values) => query.Fill(ofUser, name, 0, column =>
    {
        foreach (var value in values)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(value);
            bytes.CopyTo(column.TextBytes.Append(bytes.Length));
            column.EndText();
        }
    });

    public static RankQuery Fill(this RankQuery query, bool ofUser, string name, int type, Action<FeatureColumn> fill)
    {
        var column = query.AddFeature(ofUser);
        column.Name = name;
        column.StatedType = type;
        fill(column);
        return query;
    }

    public static RankQuery Ids(this RankQuery query, params long[] ids)
    {
        MemoryMarshal.AsBytes<long>(ids).CopyTo(query.Ids.Append(ids.Length * sizeof(long)));
        return query;
    }

    public static RankQuery Top(this RankQuery query, int k)
    {
        query.TopK = k;
        return query;
    }

    public static RankQuery All(this RankQuery query)
    {
        query.WantAll = true;
        return query;
    }

    private static void Fill<T>(FeatureColumn column, T[] values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes<T>(values);
        bytes.CopyTo(column.Data.Append(bytes.Length));
    }
}
