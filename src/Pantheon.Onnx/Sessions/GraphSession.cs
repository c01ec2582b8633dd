using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Sessions;

/// <summary>
/// One graph in ONNX Runtime, run concurrently over memory that the caller owns and pins. Inputs and outputs are bound
/// by their place in the lists given at load, so names are looked up once.
/// </summary>
public sealed class GraphSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly ConcurrentQueue<GraphRun> _idle = new();
    private readonly GraphTensor[] _inputs;
    private readonly GraphTensor[] _outputs;

    private GraphSession(InferenceSession session, IReadOnlyList<string>? inputs, IReadOnlyList<string>? outputs)
    {
        _session = session;
        _inputs = Describe(session.InputMetadata, inputs ?? session.InputNames, "input");
        _outputs = Describe(session.OutputMetadata, outputs ?? session.OutputNames, "output");
        InputNames = [.. _inputs.Select(tensor => tensor.Name)];
        OutputNames = [.. _outputs.Select(tensor => tensor.Name)];
    }

    /// <summary>The inputs, in binding order.</summary>
    public IReadOnlyList<GraphTensor> Inputs => _inputs;

    /// <summary>The outputs, in binding order.</summary>
    public IReadOnlyList<GraphTensor> Outputs => _outputs;

    /// <summary>The names of all the graph's inputs, bound or not.</summary>
    public IReadOnlyList<string> DeclaredInputs => _session.InputNames;

    internal string[] InputNames { get; }

    internal string[] OutputNames { get; }

    /// <summary>Loads a graph. External data is read from beside the file.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="inputs">Names of the inputs, in the order in which runs bind them; null for the graph's own order.</param>
    /// <param name="outputs">Names of the outputs to compute, in the order in which runs bind them; null for all.</param>
    /// <exception cref="GraphException">The file is no graph that ONNX Runtime can run, or a name is not in it.</exception>
    public static GraphSession Load(
        string path, GraphSessionOptions options, IReadOnlyList<string>? inputs = null, IReadOnlyList<string>? outputs = null) =>
        Load(settings => new InferenceSession(path, settings), Path.GetFileName(path), options, inputs, outputs);

    /// <summary>Loads a graph that is in memory and has no external data; parameters as for a file.</summary>
    /// <exception cref="GraphException">It is no graph that ONNX Runtime can run, or a name is not in it.</exception>
    public static GraphSession Load(
        OnnxModel model, GraphSessionOptions options, IReadOnlyList<string>? inputs = null, IReadOnlyList<string>? outputs = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Load(settings => new InferenceSession(model.Proto.ToByteArray(), settings), "the graph", options, inputs, outputs);
    }

    /// <summary>Takes an idle run, or makes one. Give it back by disposing it.</summary>
    public GraphRun Rent() => (_idle.TryDequeue(out var run) ? run : new GraphRun(this)).MarkRented();

    /// <summary>Frees the graph. No run may be rented or executing.</summary>
    public void Dispose()
    {
        while (_idle.TryDequeue(out var run))
        {
            run.Free();
        }

        _session.Dispose();
    }

    internal void Return(GraphRun run) => _idle.Enqueue(run);

    internal void Run(RunOptions options, OrtValue[] inputs, OrtValue[] outputs) =>
        _session.Run(options, InputNames, inputs, OutputNames, outputs);

    internal IDisposableReadOnlyCollection<OrtValue> Evaluate(
        RunOptions options, IReadOnlyCollection<string> inputs, IReadOnlyCollection<OrtValue> values, IReadOnlyCollection<string> outputs) =>
        _session.Run(options, inputs, values, outputs);

    private static GraphSession Load(
        Func<SessionOptions, InferenceSession> create, string name, GraphSessionOptions options, IReadOnlyList<string>? inputs, IReadOnlyList<string>? outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.IntraOpThreads, 1);
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = options.IntraOpThreads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableMemoryPattern = options.FixedShapes,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        // Threads that spin between runs take the cores that other requests need; one that has them to itself need not sleep.
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", options.Spin ? "1" : "0");
        settings.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        InferenceSession? session = null;
        try
        {
            session = create(settings);
            return new GraphSession(session, inputs, outputs);
        }
        catch (OnnxRuntimeException error)
        {
            session?.Dispose();
            throw new GraphException($"ONNX Runtime cannot load {name}: {error.Message}", error);
        }
        catch (GraphException)
        {
            session?.Dispose();
            throw;
        }
    }

    private static GraphTensor[] Describe(IReadOnlyDictionary<string, NodeMetadata> metadata, IReadOnlyList<string> names, string what)
    {
        var tensors = new GraphTensor[names.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (!metadata.TryGetValue(names[i], out var node))
            {
                throw new GraphException($"the graph has no {what} '{names[i]}'; it has {string.Join(", ", metadata.Keys)}");
            }

            var element = !node.IsTensor ? TensorElement.Other : node.ElementDataType switch
            {
                TensorElementType.Float => TensorElement.Float,
                TensorElementType.Int64 => TensorElement.Int64,
                _ => TensorElement.Other,
            };
            var elementName = node.IsTensor ? node.ElementDataType.ToString() : node.OnnxValueType.ToString();
            int?[] shape = node.IsTensor ? [.. node.Dimensions.Select(dimension => dimension < 0 ? (int?)null : dimension)] : [];
            tensors[i] = new GraphTensor(names[i], element, elementName, shape);
        }

        return tensors;
    }
}
