namespace Pantheon.Learning.Data;

/// <summary>How a folder of logs becomes a dataset.</summary>
public sealed record DatasetOptions
{
    /// <summary>
    /// For the tab-separated extract of KuaiRand-27K (see <see cref="LogFolder.DefaultOptions"/>): the rows whose <c>label</c> is 1, since
    /// on the others the item id nearly gives the answer, and the objectives whose rates are not an artefact of how it was cut.
    /// </summary>
    public static DatasetOptions KuaiRandExtract { get; } = new()
    {
        KeepWhere = new RowFilter("label", 1),
        Features = new FeatureOptions { Objectives = ["is_click", "long_view", "is_comment", "is_profile_enter", KuaiRandColumns.Finish] },
    };

    /// <summary>Objectives, features and vocabularies.</summary>
    public FeatureOptions Features { get; init; } = new();

    /// <summary>Only the log's rows where a column has this value. Null: all rows.</summary>
    public RowFilter? KeepWhere { get; init; }

    /// <summary>
    /// Above this share of unreadable rows a file is refused. 0.05: a cut-off line or a stray quote is life, one row in twenty is another
    /// format.
    /// </summary>
    public double MaxBadRows { get; init; } = 0.05;

    /// <summary>
    /// Train, validate and test. Null: KuaiRand's dates (<see cref="TimeSplit.KuaiRand"/>) if each of its three periods has exposures,
    /// else the first 80 % of the log's time to train, the rest to test.
    /// </summary>
    public TimeSplit? Split { get; init; }

    /// <summary>Threads that read and count; 0: one for each processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Called from the loading threads, one call at a time, after each block of about a MiB. Null: no reports.</summary>
    public Action<LoadProgress>? Progress { get; init; }

    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;

    internal void Validate()
    {
        Require(MaxBadRows is >= 0 and < 1, nameof(MaxBadRows), MaxBadRows, "a share from 0 to below 1");
        Require(Threads >= 0, nameof(Threads), Threads, "0 or more");
        Features.Validate();
    }

    internal static void Require(bool holds, string option, object? came, string expected)
    {
        if (!holds)
        {
            throw new DataException($"option {option}: {came} came, expected {expected}");
        }
    }
}

/// <summary>A condition on a column of the log.</summary>
/// <param name="Column">An integer column.</param>
/// <param name="Value">Rows with another value, or none, are left out; they are not bad.</param>
public sealed record RowFilter(string Column, long Value);
