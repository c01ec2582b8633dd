namespace Pantheon.Learning.Data;

/// <summary>The rows of one block of a log.</summary>
internal sealed class LogBlock(LogPlan plan) : IRowSink
{
    private const long MaxTimeMs = 253_402_300_799_999;

    /// <summary>About the rows of a block: KuaiRand's have some 70 bytes.</summary>
    private int _capacity = TableFile.BlockBytes / 64;

    public int Count { get; private set; }

    public long[] User { get; private set; } = new long[TableFile.BlockBytes / 64];

    public long[] Video { get; private set; } = new long[TableFile.BlockBytes / 64];

    public long[] Time { get; private set; } = new long[TableFile.BlockBytes / 64];

    public LogContext[] Context { get; private set; } = new LogContext[TableFile.BlockBytes / 64];

    public string? Accept(FieldSplitter row)
    {
        if (plan.Filter >= 0)
        {
            var missing = IntegerText.IsMissing(row[plan.Filter]);
            if (!IntegerText.TryParse(row[plan.Filter], out var value) && !missing)
            {
                return $"the column of the filter is {row.Show(plan.Filter)}, expected an integer";
            }

            if (missing || value != plan.FilterValue)
            {
                return null;
            }
        }

        if (!IntegerText.TryParse(row[plan.User], out var user))
        {
            return NotAnInteger(row, plan.User, KuaiRandColumns.UserId);
        }

        if (!IntegerText.TryParse(row[plan.Video], out var video))
        {
            return NotAnInteger(row, plan.Video, KuaiRandColumns.VideoId);
        }

        if (!IntegerText.TryParse(row[plan.Time], out var time))
        {
            return NotAnInteger(row, plan.Time, KuaiRandColumns.TimeMs);
        }

        if (time is < 0 or > MaxTimeMs)
        {
            return $"time_ms is {time}, expected milliseconds since 1970";
        }

        if (plan.KeepUserOneIn > 1 && IdIndex.Hash(user) % plan.KeepUserOneIn != 0)
        {
            return null;
        }

        var context = new LogContext { Hour = (byte)ChinaTime.HourOf(time), Tab = InteractionLog.NoTab };
        return ReadContext(row, ref context) ?? ReadLabels(row, ref context) ?? Add(user, video, time, context);
    }

    private static string NotAnInteger(FieldSplitter row, int column, string name) => $"{name} is {row.Show(column)}, expected an integer";

    private static string NotBinary(FieldSplitter row, int column, string name) => $"{name} is {row.Show(column)}, expected 0 or 1";

    /// <summary>0, 1, or -1 for anything else.</summary>
    private static int Binary(ReadOnlySpan<byte> text)
    {
        if (text.Length == 1)
        {
            var bit = text[0] - '0';
            return bit is 0 or 1 ? bit : -1;
        }

        return IntegerText.TryParse(text, out var value) && value is 0 or 1 ? (int)value : -1;
    }

    private string? ReadContext(FieldSplitter row, ref LogContext context)
    {
        if (plan.HourMinute >= 0 && !IntegerText.IsMissing(row[plan.HourMinute]))
        {
            if (!IntegerText.TryParse(row[plan.HourMinute], out var hourMinute) || hourMinute is < 0 or >= 2400)
            {
                return $"hourmin is {row.Show(plan.HourMinute)}, expected 0 to 2359";
            }

            context.Hour = (byte)(hourMinute / 100);
        }

        if (plan.Tab >= 0 && !IntegerText.IsMissing(row[plan.Tab]))
        {
            if (!IntegerText.TryParse(row[plan.Tab], out var tab) || tab is < InteractionLog.NoTab or > int.MaxValue)
            {
                return $"tab is {row.Show(plan.Tab)}, expected an integer of 32 bits, not negative";
            }

            context.Tab = (int)tab;
        }

        if (plan.Duration >= 0 && !IntegerText.IsMissing(row[plan.Duration]))
        {
            if (!IntegerText.TryParse(row[plan.Duration], out var duration) || duration > int.MaxValue)
            {
                return $"duration_ms is {row.Show(plan.Duration)}, expected an integer of 32 bits";
            }

            context.DurationMs = (int)Math.Max(duration, 0);
        }

        // Where finish needs it, what cannot be read is said there; a metric can do without.
        if (plan.PlayTime >= 0 && IntegerText.TryParse(row[plan.PlayTime], out var played))
        {
            context.PlayTimeMs = (int)Math.Clamp(played, 0, int.MaxValue);
        }

        if (plan.IsRandom >= 0)
        {
            var random = Binary(row[plan.IsRandom]);
            if (random < 0)
            {
                return NotBinary(row, plan.IsRandom, KuaiRandColumns.IsRandom);
            }

            context.IsRandom = random == 1;
        }

        return null;
    }

    private string? ReadLabels(FieldSplitter row, ref LogContext context)
    {
        var labels = plan.Labels;
        for (var index = 0; index < labels.Length; index++)
        {
            int label;
            if (labels[index] >= 0)
            {
                label = Binary(row[labels[index]]);
                if (label < 0)
                {
                    return NotBinary(row, labels[index], plan.Names[index]);
                }
            }
            else
            {
                if (!IntegerText.TryParse(row[plan.PlayTime], out var played))
                {
                    return NotAnInteger(row, plan.PlayTime, KuaiRandColumns.PlayTimeMs);
                }

                label = context.DurationMs > 0 && played >= context.DurationMs ? 1 : 0;
            }

            context.Positives |= (ushort)(label << index);
        }

        return null;
    }

    private string? Add(long user, long video, long time, LogContext context)
    {
        if (Count == _capacity)
        {
            Grow();
        }

        User[Count] = user;
        Video[Count] = video;
        Time[Count] = time;
        Context[Count] = context;
        Count++;
        return null;
    }

    private void Grow()
    {
        _capacity *= 2;
        User = Larger(User);
        Video = Larger(Video);
        Time = Larger(Time);
        Context = Larger(Context);
    }

    private T[] Larger<T>(T[] array)
    {
        Array.Resize(ref array, _capacity);
        return array;
    }
}

/// <summary>What a row says beside who, what and when.</summary>
internal struct LogContext
{
    public int Tab;
    public int DurationMs;
    public int PlayTimeMs;

    /// <summary>Bit m: objective m came of it.</summary>
    public ushort Positives;
    public byte Hour;
    public bool IsRandom;
}
