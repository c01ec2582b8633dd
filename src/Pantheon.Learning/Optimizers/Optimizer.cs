namespace Pantheon.Learning.Optimizers;

/// <summary>
/// What every optimizer of one parameter has: its count of steps and its buffers of state, which can be written, read back and
/// copied without losing a bit. Not safe for use by two threads at once.
/// </summary>
public abstract class Optimizer
{
    private readonly OptimizerHeader _header;
    private readonly float[][] _buffers;

    private protected Optimizer(OptimizerHeader header, params float[][] buffers)
    {
        _header = header;
        _buffers = buffers;
    }

    /// <summary>Updates done so far; the power of the betas in a bias correction.</summary>
    public long Steps { get; private protected set; }

    /// <summary>Bytes of state, the header not counted.</summary>
    public long StateBytes => _buffers.Sum(buffer => (long)buffer.Length * sizeof(float));

    /// <summary>Writes the state. Several optimizers may be written one after the other into the same stream.</summary>
    public void Save(Stream destination) => OptimizerFile.Write(destination, _header, Steps, _buffers);

    /// <summary>
    /// Reads what <see cref="Save"/> wrote and leaves the stream just behind it; later steps give the same bits as if there had been
    /// no interruption. If it throws, this optimizer is as it was.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// Not such a state, damaged, of another kind of optimizer, of another shape, or written under other options; the message says
    /// what came and what was expected.
    /// </exception>
    public void Load(Stream source) => Steps = OptimizerFile.Read(source, _header, _buffers);

    /// <summary>Takes over the state of an optimizer of the same kind, shape and options: half of what promoting a model means.</summary>
    /// <exception cref="ArgumentException">The other one is of another kind, shape or options.</exception>
    public void CopyFrom(Optimizer other)
    {
        if (_header.Difference(other._header) is { } difference)
        {
            throw new ArgumentException(difference, nameof(other));
        }

        for (int index = 0; index < _buffers.Length; index++)
        {
            other._buffers[index].CopyTo(_buffers[index], 0);
        }

        Steps = other.Steps;
    }

    private protected static void CheckScalars(double rate, float gradientScale)
    {
        if (!double.IsFinite(rate) || rate < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "a learning rate is finite and not negative");
        }

        if (!float.IsFinite(gradientScale))
        {
            throw new ArgumentOutOfRangeException(nameof(gradientScale), gradientScale, "a scale of gradients is finite: see GradientNorm.IsFinite");
        }
    }
}
