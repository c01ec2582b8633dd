using System.Runtime.InteropServices;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Models;

/// <summary>One run of a model on tensors given as the graph wants them, beside the request path: for golden checks and warm-up.</summary>
internal sealed class DirectRun : IDisposable
{
    private readonly LoadedModel _model;
    private readonly int _candidates;
    private readonly GraphRun _run;
    private readonly PinnedBuffer?[] _inputs;
    private readonly PinnedBuffer?[] _outputs;

    public DirectRun(LoadedModel model, int candidates, PinnedPool memory)
    {
        _model = model;
        _candidates = candidates;
        _run = model.Session.Rent();
        _inputs = new PinnedBuffer?[model.Inputs.Length];
        _outputs = new PinnedBuffer?[model.Outputs.Length];
        try
        {
            Bind(memory);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Input <paramref name="index"/>, all rows, to be filled.</summary>
    public Span<T> Input<T>(int index)
        where T : unmanaged => _inputs[index]!.Span<T>(Rows(_model.Inputs[index]) * _model.Inputs[index].Width);

    /// <summary>Output <paramref name="index"/>, all rows.</summary>
    public ReadOnlySpan<float> Output(int index) => _outputs[index]!.Span<float>(_candidates * _model.Outputs[index].Columns);

    /// <summary>Fills every input with values that are surely valid: the lowest id of each range, and zeros.</summary>
    public void FillInputs()
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var spec = _model.Inputs[i].Spec;
            if (spec.Type == Bundles.ElementType.Int64)
            {
                Input<long>(i).Fill(spec.Vocabulary?.UnknownRow ?? spec.Range?.Min ?? 0);
            }
            else
            {
                MemoryMarshal.AsBytes(Input<float>(i)).Clear();
            }
        }
    }

    public void Execute() => _run.Execute();

    public void Dispose()
    {
        _run.Dispose();
        foreach (var buffer in _inputs)
        {
            buffer?.Dispose();
        }

        foreach (var buffer in _outputs)
        {
            buffer?.Dispose();
        }
    }

    private void Bind(PinnedPool memory)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var input = _model.Inputs[i];
            var buffer = memory.Rent(checked(Rows(input) * input.Width * input.ElementSize));
            _inputs[i] = buffer;
            _run.BindInput(i, buffer.Address, input.ShapeTemplate, input.CandidateAxis, _candidates);
        }

        for (var i = 0; i < _outputs.Length; i++)
        {
            var output = _model.Outputs[i];
            var buffer = memory.Rent(checked(_candidates * output.Columns * sizeof(float)));
            _outputs[i] = buffer;
            _run.BindOutput(i, buffer.Address, output.ShapeTemplate, output.CandidateAxis, _candidates);
        }
    }

    private int Rows(ModelInput input) => input.CandidateAxis >= 0 ? _candidates : 1;
}
