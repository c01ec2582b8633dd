using System.Runtime.ExceptionServices;

namespace Pantheon.Learning.Data;

/// <summary>Takes the rows of one block.</summary>
internal interface IRowSink
{
    /// <returns>Null, or why the row is bad: what came and what was expected.</returns>
    public string? Accept(FieldSplitter row);
}

/// <summary>
/// Reads tables with several threads. A thread takes the lock of a file that no other holds, reads a block (which inflates it), lets go,
/// and parses it; so as many files inflate at once as there are threads, and with one file the others parse. The result depends on
/// neither their number nor their timing: blocks are put back in the files' order.
/// </summary>
internal sealed class TableReader<TSink>
    where TSink : IRowSink
{
    private const int BadRowsKept = 20;

    private readonly IReadOnlyList<TableFile> _files;
    private readonly Func<TableFile, TSink> _newSink;
    private readonly DatasetOptions _options;
    private readonly List<ParsedBlock>[] _parsed;
    private readonly bool[] _ended;
    private readonly long _totalBytes;
    private readonly Lock _reporting = new();
    private Exception? _failure;

    private TableReader(IReadOnlyList<TableFile> files, Func<TableFile, TSink> newSink, DatasetOptions options)
    {
        _files = files;
        _newSink = newSink;
        _options = options;
        _parsed = new List<ParsedBlock>[files.Count];
        _ended = new bool[files.Count];
        for (var index = 0; index < files.Count; index++)
        {
            _parsed[index] = [];
            _totalBytes += files[index].Bytes;
        }
    }

    /// <summary>The sinks of all blocks in the order of the files and their rows, and what happened to each file.</summary>
    /// <exception cref="DataException">A file cannot be read or too many of its rows are bad.</exception>
    public static (List<TSink> Sinks, List<FileReport> Files, List<BadRow> Bad) Read(
        IReadOnlyList<TableFile> files, Func<TableFile, TSink> newSink, DatasetOptions options, CancellationToken cancellation) =>
        new TableReader<TSink>(files, newSink, options).Run(cancellation);

    private (List<TSink> Sinks, List<FileReport> Files, List<BadRow> Bad) Run(CancellationToken cancellation)
    {
        var helpers = new Thread[_options.ThreadCount - 1];
        for (var index = 0; index < helpers.Length; index++)
        {
            var first = index + 1;
            helpers[index] = new Thread(() => Work(first, cancellation)) { IsBackground = true, Name = "table reader" };
            helpers[index].Start();
        }

        Work(0, cancellation);
        foreach (var helper in helpers)
        {
            helper.Join();
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        return Collect();
    }

    private void Work(int first, CancellationToken cancellation)
    {
        try
        {
            var block = new TextBlock();
            while (Volatile.Read(ref _failure) is null && Next(first, block) is { } file)
            {
                cancellation.ThrowIfCancellationRequested();
                Parse(_files[file], file, block);
                Report();
            }
        }
        catch (Exception error)
        {
            // The first failure stops all threads and is thrown again by the one that waits for them.
            Interlocked.CompareExchange(ref _failure, error, null);
        }
    }

    /// <summary>Reads the next block of a file that is free, or waits for one that is not.</summary>
    /// <returns>The file's index; null when all files are at their end.</returns>
    private int? Next(int first, TextBlock block)
    {
        while (true)
        {
            var busy = -1;
            for (var turn = 0; turn < _files.Count; turn++)
            {
                var index = (first + turn) % _files.Count;
                if (Volatile.Read(ref _ended[index]))
                {
                    continue;
                }

                if (!Monitor.TryEnter(_files[index]))
                {
                    busy = busy < 0 ? index : busy;
                }
                else if (ReadAndLeave(index, block))
                {
                    return index;
                }
            }

            if (busy < 0)
            {
                return null;
            }

            Monitor.Enter(_files[busy]);
            if (ReadAndLeave(busy, block))
            {
                return busy;
            }
        }
    }

    private bool ReadAndLeave(int index, TextBlock block)
    {
        try
        {
            if (_files[index].Read(block))
            {
                return true;
            }

            Volatile.Write(ref _ended[index], true);
            return false;
        }
        finally
        {
            Monitor.Exit(_files[index]);
        }
    }

    private void Parse(TableFile file, int index, TextBlock block)
    {
        var fields = new FieldSplitter(file.Header.Delimiter, file.Header.Count);
        var parsed = new ParsedBlock(block.Index, _newSink(file));
        var bytes = block.Bytes;
        var line = block.FirstLine;
        for (var start = 0; start < block.Length; line++)
        {
            var next = bytes.AsSpan(start, block.Length - start).IndexOf((byte)'\n');
            var end = next < 0 ? block.Length : start + next;
            var after = end + 1;
            if (end > start && bytes[end - 1] == '\r')
            {
                end--;
            }

            if (end > start)
            {
                parsed.Rows++;
                if ((fields.Split(bytes, start, end) ?? parsed.Sink.Accept(fields)) is { } reason)
                {
                    parsed.Bad++;
                    if (parsed.BadRows.Count < BadRowsKept)
                    {
                        parsed.BadRows.Add(new BadRow(file.Name, line, reason));
                    }
                }
            }

            start = after;
        }

        lock (_parsed[index])
        {
            _parsed[index].Add(parsed);
        }
    }

    private void Report()
    {
        if (_options.Progress is not { } progress)
        {
            return;
        }

        // In one order, so that what a listener sees never goes back.
        lock (_reporting)
        {
            long read = 0;
            foreach (var file in _files)
            {
                read += file.BytesRead;
            }

            progress(new LoadProgress(read, _totalBytes));
        }
    }

    private (List<TSink> Sinks, List<FileReport> Files, List<BadRow> Bad) Collect()
    {
        List<TSink> sinks = [];
        List<FileReport> reports = [];
        List<BadRow> bad = [];
        for (var index = 0; index < _files.Count; index++)
        {
            var file = _files[index];
            var blocks = _parsed[index];
            blocks.Sort(static (one, other) => one.Index.CompareTo(other.Index));
            long rows = 0;
            long badRows = 0;
            List<BadRow> kept = [];
            foreach (var block in blocks)
            {
                sinks.Add(block.Sink);
                rows += block.Rows;
                badRows += block.Bad;
                kept.AddRange(block.BadRows[..Math.Min(block.BadRows.Count, BadRowsKept - kept.Count)]);
            }

            if (badRows > _options.MaxBadRows * rows)
            {
                throw TooManyBad(file.Name, rows, badRows, kept);
            }

            reports.Add(new FileReport(file.Name, file.Bytes, file.Sha256!, rows, badRows));
            bad.AddRange(kept);
        }

        return (sinks, reports, bad);
    }

    private DataException TooManyBad(string file, long rows, long bad, List<BadRow> kept)
    {
        const int Shown = 5;
        var first = string.Join("; ", kept.Take(Shown).Select(row => $"line {row.Line}: {row.Reason}"));
        return new DataException(
            $"{file}: {bad} of {rows} rows cannot be read, expected at most {_options.MaxBadRows:0.##%}; the first: {first}");
    }

    private sealed class ParsedBlock(int index, TSink sink)
    {
        public int Index { get; } = index;

        public TSink Sink { get; } = sink;

        public long Rows { get; set; }

        public long Bad { get; set; }

        public List<BadRow> BadRows { get; } = [];
    }
}
