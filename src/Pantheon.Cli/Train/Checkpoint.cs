using System.Security.Cryptography;
using System.Text;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Train;

/// <summary>A training as a file, so that it can be gone on with to the same numbers. A crash while writing leaves the one before.</summary>
internal sealed class Checkpoint(string folder, string config, string dataDigest)
{
    private const int Version = 2;

    private readonly string _path = Path.Combine(folder, "checkpoint.bin");

    // What the numbers depend on: another config or other data would silently be another training.
    private readonly byte[] _identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{Version}\n{config}\n{dataDigest}"));

    public void Save(Trainer trainer)
    {
        Directory.CreateDirectory(folder);
        var aside = _path + ".tmp";
        using (var stream = new BufferedStream(File.Create(aside), 1 << 20))
        {
            stream.Write(_identity);
            trainer.Save(stream);
            // What was written before the end is there, or the end is not.
            stream.Write(_identity);
        }

        File.Move(aside, _path, overwrite: true);
    }

    /// <exception cref="CommandFailure">There is none, or it is of another training, or damaged.</exception>
    public void Load(Trainer trainer)
    {
        if (!File.Exists(_path))
        {
            throw new CommandFailure($"{_path}: no such file, expected the checkpoint of a training that was stopped");
        }

        var identity = new byte[_identity.Length];
        try
        {
            using var stream = new BufferedStream(File.OpenRead(_path), 1 << 20);
            stream.ReadExactly(identity);
            if (!identity.AsSpan().SequenceEqual(_identity))
            {
                throw new CommandFailure($"{_path}: of another training; expected the same data and the same configuration as when it was written");
            }

            trainer.Load(stream);
            stream.ReadExactly(identity);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            throw new CommandFailure($"{_path}: damaged: {error.Message}");
        }

        if (!identity.AsSpan().SequenceEqual(_identity))
        {
            throw new CommandFailure($"{_path}: damaged: it does not end as it begins");
        }
    }
}
