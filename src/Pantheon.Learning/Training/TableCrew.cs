using System.Runtime.ExceptionServices;

namespace Pantheon.Learning.Training;

/// <summary>
/// Works on all tables at once, on the calling thread and some of the pool's. Each table is one thread's, so that the result does not
/// depend on how many there are; once the pool is warm, nothing is allocated.
/// </summary>
internal sealed class TableCrew
{
    private readonly LearnedTable[] _tables;
    private readonly Helper[] _helpers;
    // Of the work in hand. A helper that comes late finds no table left, or helps with what is next: the number of tables never changes.
    private bool _collecting;
    private int _count;
    private double _rate;
    private int _next;
    private int _done;
    private ExceptionDispatchInfo? _failure;

    /// <param name="tables">Each once.</param>
    /// <param name="threads">The calling one included.</param>
    public TableCrew(IEnumerable<LearnedTable> tables, int threads)
    {
        // The largest first: a large one begun last would be waited for alone.
        _tables = [.. tables.OrderByDescending(table => table.Work)];
        _next = _done = _tables.Length;
        _helpers = [.. Enumerable.Range(0, Math.Max(0, Math.Min(threads, _tables.Length) - 1)).Select(_ => new Helper(this))];
    }

    /// <summary>Sums each table's gradients of the batch's first rows.</summary>
    public void Collect(int count)
    {
        (_collecting, _count) = (true, count);
        Run();
    }

    /// <summary>Updates each table by its scale.</summary>
    public void Update(double rate)
    {
        (_collecting, _rate) = (false, rate);
        Run();
    }

    private void Run()
    {
        _failure = null;
        _done = 0;
        // Whoever takes a number from here on sees all that is written above.
        Interlocked.Exchange(ref _next, 0);
        foreach (var helper in _helpers)
        {
            ThreadPool.UnsafeQueueUserWorkItem(helper, preferLocal: false);
        }

        Work();
        // At most what is left of one table: too short to sleep.
        var spin = default(SpinWait);
        while (Volatile.Read(ref _done) < _tables.Length)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        _failure?.Throw();
    }

    private void Work()
    {
        for (int index; (index = Interlocked.Increment(ref _next) - 1) < _tables.Length;)
        {
            try
            {
                if (_collecting)
                {
                    _tables[index].Collect(_count);
                }
                else
                {
                    _tables[index].Update(_rate);
                }
            }
            catch (Exception error)
            {
                // On a thread of the pool it would end the process; it is the caller's.
                _failure = ExceptionDispatchInfo.Capture(error);
            }
            finally
            {
                Interlocked.Increment(ref _done);
            }
        }
    }

    private sealed class Helper(TableCrew crew) : IThreadPoolWorkItem
    {
        public void Execute() => crew.Work();
    }
}
