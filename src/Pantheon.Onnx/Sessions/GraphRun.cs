using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Pantheon.Onnx.Sessions;

/// <summary>
/// One execution of a <see cref="GraphSession"/>: bind every input and output to pinned memory, execute, dispose. The
/// memory must stay pinned and untouched until <see cref="Dispose"/>; only <see cref="Terminate"/> may be called from
/// another thread, and only until then.
/// </summary>
public sealed class GraphRun : IDisposable
{
    private readonly GraphSession _session;
    // What fails is thrown, and what is stopped is wanted: neither is a line on the process's error stream, which ONNX
    // Runtime would write for every request that its deadline stops.
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly OrtValue?[] _inputs;
    private readonly OrtValue?[] _outputs;
    // What the addresses belong to, where the collector would not know that it is still read.
    private readonly object?[] _owners;
    private readonly List<long[]> _shapes = [];
    private int _rented;

    internal GraphRun(GraphSession session)
    {
        _session = session;
        _inputs = new OrtValue?[session.Inputs.Count];
        _outputs = new OrtValue?[session.Outputs.Count];
        _owners = new object?[_inputs.Length + _outputs.Length];
    }

    /// <summary>Binds an input.</summary>
    /// <param name="index">Its place in <see cref="GraphSession.Inputs"/>.</param>
    /// <param name="data">Address of its first element.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="axis">The dimension to replace by <paramref name="length"/>; -1 for none.</param>
    /// <param name="length">The length of that dimension in this run.</param>
    /// <param name="owner">What the memory belongs to, kept alive until it is bound to another or disposed; null: the caller keeps it.</param>
    public void BindInput(int index, nint data, ReadOnlySpan<long> shape, int axis, long length, object? owner = null)
    {
        Bind(_inputs, index, _session.Inputs[index], data, shape, axis, length);
        _owners[index] = owner;
    }

    /// <summary>Binds an output, which ONNX Runtime writes in place; parameters as for inputs.</summary>
    public void BindOutput(int index, nint data, ReadOnlySpan<long> shape, int axis, long length, object? owner = null)
    {
        Bind(_outputs, index, _session.Outputs[index], data, shape, axis, length);
        _owners[_inputs.Length + index] = owner;
    }

    /// <summary>Runs the graph on the calling thread.</summary>
    /// <returns>False if <see cref="Terminate"/> stopped it; the outputs are then undefined.</returns>
    /// <exception cref="GraphException">The graph failed.</exception>
    public bool Execute()
    {
        try
        {
            _session.Run(_options, _inputs!, _outputs!);
            return true;
        }
        catch (OnnxRuntimeException) when (_options.Terminate)
        {
            return false;
        }
        catch (OnnxRuntimeException error)
        {
            throw new GraphException(error.Message, error);
        }
    }

    /// <summary>Stops the run at its next node, or before it starts. Has no effect on one that is done.</summary>
    public void Terminate() => _options.Terminate = true;

    /// <summary>
    /// Lets go of the bound memory and gives the run back to its session. A second call is an error: somebody else may
    /// have rented it by then.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, 0) == 0)
        {
            throw new InvalidOperationException("a run was returned twice");
        }

        Unbind();
        _options.Terminate = false;
        _session.Return(this);
    }

    internal GraphRun MarkRented()
    {
        _rented = 1;
        return this;
    }

    internal void Free()
    {
        Unbind();
        _options.Dispose();
    }

    private void Bind(OrtValue?[] values, int index, GraphTensor tensor, nint data, ReadOnlySpan<long> shape, int axis, long length)
    {
        // The binding wants an array and copies it at once, so one array per rank serves every run.
        var dimensions = ScratchOf(shape.Length);
        shape.CopyTo(dimensions);
        if (axis >= 0)
        {
            dimensions[axis] = length;
        }

        var bytes = (long)GraphTensor.SizeOf(tensor.Element);
        foreach (var dimension in dimensions)
        {
            bytes *= dimension;
        }

        var type = tensor.Element == TensorElement.Float ? TensorElementType.Float : TensorElementType.Int64;
        values[index]?.Dispose();
        values[index] = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, dimensions, data, bytes);
    }

    private long[] ScratchOf(int rank)
    {
        while (_shapes.Count <= rank)
        {
            _shapes.Add(new long[_shapes.Count]);
        }

        return _shapes[rank];
    }

    private void Unbind()
    {
        Array.Clear(_owners);
        foreach (var values in (ReadOnlySpan<OrtValue?[]>)[_inputs, _outputs])
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i]?.Dispose();
                values[i] = null;
            }
        }
    }
}
