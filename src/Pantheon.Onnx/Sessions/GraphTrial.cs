using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Sessions;

/// <summary>
/// A graph run on plain arrays, away from the request path: for finding out what a graph does before anything is said about it, the
/// shapes of its outputs included. Every run allocates.
/// </summary>
public sealed class GraphTrial : IDisposable
{
    private readonly GraphSession _session;

    private GraphTrial(GraphSession session) => _session = session;

    /// <summary>Loads a graph. External data is read from beside the file.</summary>
    /// <exception cref="GraphException">ONNX Runtime cannot run the file.</exception>
    public static GraphTrial Load(string path) => new(GraphSession.Load(path, new GraphSessionOptions()));

    /// <summary>Loads a graph that is in memory and has no external data.</summary>
    /// <exception cref="GraphException">ONNX Runtime cannot run it.</exception>
    public static GraphTrial Load(OnnxModel model) => new(GraphSession.Load(model, new GraphSessionOptions()));

    /// <summary>The graph's outputs, as far as the runtime knows them without a run.</summary>
    public IReadOnlyList<GraphTensor> Outputs => _session.Outputs;

    /// <summary>Runs the graph once.</summary>
    /// <param name="inputs">Every input by name.</param>
    /// <param name="outputs">Names of the float outputs to compute.</param>
    /// <returns>The outputs in the order asked for, in their true shapes.</returns>
    /// <exception cref="GraphException">The graph failed on these inputs, or an output is not a float tensor.</exception>
    public IReadOnlyList<TensorValue> Run(IReadOnlyDictionary<string, TensorValue> inputs, IReadOnlyList<string> outputs)
    {
        var values = new List<OrtValue>(inputs.Count);
        try
        {
            foreach (var input in inputs.Values)
            {
                values.Add(input.Floats is { } floats
                    ? OrtValue.CreateTensorValueFromMemory(floats, input.Shape)
                    : OrtValue.CreateTensorValueFromMemory(input.Int64s!, input.Shape));
            }

            // A failure is the caller's to report: ONNX Runtime's own log line would only come before it.
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var results = _session.Evaluate(options, [.. inputs.Keys], values, outputs);
            return [.. results.Select((result, index) => Read(outputs[index], result))];
        }
        catch (OnnxRuntimeException error)
        {
            throw new GraphException(error.Message, error);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    /// <summary>Frees the graph.</summary>
    public void Dispose() => _session.Dispose();

    private static TensorValue Read(string name, OrtValue value)
    {
        if (!value.IsTensor)
        {
            throw new GraphException($"output '{name}' is not a tensor");
        }

        var description = value.GetTensorTypeAndShape();
        return description.ElementDataType == TensorElementType.Float
            ? TensorValue.Of(value.GetTensorDataAsSpan<float>().ToArray(), description.Shape)
            : throw new GraphException($"output '{name}' is {description.ElementDataType}, expected Float");
    }
}
