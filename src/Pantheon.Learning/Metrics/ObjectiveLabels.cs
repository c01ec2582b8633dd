using System.Numerics;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// The 0/1 labels of M objectives over grouped rows, packed and counted once, so that each score after it costs one sort. Immutable.
/// </summary>
public sealed class ObjectiveLabels
{
    /// <summary>Most objectives: the bits beside a score in a key.</summary>
    public const int MaximumObjectives = 32;

    private readonly uint[] _positives;
    private readonly uint[] _mixed;
    private readonly int[][] _positivesOf;

    private ObjectiveLabels(UserGroups groups, string[] names, uint[] positives)
    {
        Groups = groups;
        Names = names;
        _positives = positives;
        _mixed = new uint[groups.Count];
        _positivesOf = new int[names.Length][];
        Retained = new RetainedRows[names.Length];
        Count();
    }

    /// <summary>The rows' users.</summary>
    public UserGroups Groups { get; }

    /// <summary>Names of the objectives, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>M.</summary>
    public int Objectives => Names.Count;

    /// <summary>In group order, one bit for each objective.</summary>
    internal ReadOnlySpan<uint> Positives => _positives;

    /// <summary>For each user, one bit for each objective of which the user has both classes.</summary>
    internal ReadOnlySpan<uint> Mixed => _mixed;

    /// <summary>What each objective keeps once single-class users are dropped.</summary>
    internal RetainedRows[] Retained { get; }

    /// <param name="groups">The rows' users.</param>
    /// <param name="labels">M columns of 0 and 1, each <c>[n]</c> in the rows' order.</param>
    /// <param name="names">Names of the M objectives; their numbers if left out.</param>
    /// <exception cref="ArgumentException">Lengths differ, a label is neither 0 nor 1, or M is not 1 to 32.</exception>
    public static ObjectiveLabels Of(UserGroups groups, IReadOnlyList<byte[]> labels, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count is 0 or > MaximumObjectives || (names is not null && names.Count != labels.Count))
        {
            throw new ArgumentException(
                $"{labels.Count} columns of labels and {names?.Count ?? labels.Count} names came; expected as many of both, 1 to " +
                $"{MaximumObjectives}", nameof(labels));
        }

        uint[] positives = new uint[groups.Rows];
        for (int objective = 0; objective < labels.Count; objective++)
        {
            Pack(groups, labels[objective], objective, positives);
        }

        return new ObjectiveLabels(groups, NamesOf(labels.Count, names), positives);
    }

    /// <summary>One objective's labels.</summary>
    /// <inheritdoc cref="Of(UserGroups, IReadOnlyList{byte[]}, IReadOnlyList{string})"/>
    public static ObjectiveLabels Of(UserGroups groups, ReadOnlySpan<byte> labels)
    {
        ArgumentNullException.ThrowIfNull(groups);
        uint[] positives = new uint[groups.Rows];
        Pack(groups, labels, 0, positives);
        return new ObjectiveLabels(groups, NamesOf(1, null), positives);
    }

    /// <summary>The same labels over columns that <see cref="UserGroups.Gather"/> has put into group order.</summary>
    public ObjectiveLabels Regrouped() =>
        Groups.InOrder ? this : new ObjectiveLabels(Groups.Regrouped(), [.. Names], _positives);

    /// <summary>Users that have both classes of an objective.</summary>
    public int RetainedUsers(int objective) => Retained[objective].Users;

    /// <summary>How many positives of an objective each user has.</summary>
    internal ReadOnlySpan<int> PositivesOf(int objective) => _positivesOf[objective];

    private static string[] NamesOf(int count, IReadOnlyList<string>? names)
    {
        string[] all = new string[count];
        for (int objective = 0; objective < count; objective++)
        {
            all[objective] = names?[objective] ?? objective.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return all;
    }

    private static void Pack(UserGroups groups, ReadOnlySpan<byte> labels, int objective, uint[] positives)
    {
        groups.CheckRows(labels.Length, nameof(labels));
        var order = groups.Order;
        for (int place = 0; place < positives.Length; place++)
        {
            byte label = labels[order.IsEmpty ? place : order[place]];
            if (label > 1)
            {
                throw new ArgumentException($"label {label} of objective {objective} came; expected 0 or 1", nameof(labels));
            }

            positives[place] |= (uint)label << objective;
        }
    }

    private void Count()
    {
        var offsets = Groups.Offsets;
        for (int objective = 0; objective < _positivesOf.Length; objective++)
        {
            _positivesOf[objective] = new int[Groups.Count];
        }

        for (int user = 0; user < Groups.Count; user++)
        {
            int rows = offsets[user + 1] - offsets[user];
            foreach (uint row in _positives.AsSpan(offsets[user], rows))
            {
                for (uint bits = row; bits != 0; bits &= bits - 1)
                {
                    _positivesOf[BitOperations.TrailingZeroCount(bits)][user]++;
                }
            }

            for (int objective = 0; objective < _positivesOf.Length; objective++)
            {
                int positives = _positivesOf[objective][user];
                if (positives > 0 && positives < rows)
                {
                    _mixed[user] |= 1u << objective;
                    ref var retained = ref Retained[objective];
                    retained = new RetainedRows(retained.Users + 1, retained.Rows + rows, retained.Positives + positives);
                }
            }
        }
    }
}

/// <summary>What is left of one objective when users without both classes are dropped.</summary>
internal readonly record struct RetainedRows(int Users, long Rows, long Positives);
