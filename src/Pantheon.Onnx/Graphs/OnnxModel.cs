using Google.Protobuf;
using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>
/// An ONNX file as a value: read it, look at it, save it. Nothing changes a model once it is loaded; a rewrite makes another one,
/// which shares the weights. Large weights in external data files are listed, not read.
/// </summary>
public sealed class OnnxModel
{
    // Protobuf's own ceiling for a message, and that of one array.
    private const int MaximumBytes = 0x7FFFFFC7;

    internal OnnxModel(ModelProto proto)
    {
        ModelChecks.Check(proto);
        Proto = proto;
        var initializers = proto.Graph.Initializer.Select(tensor => tensor.Name)
            .Concat(proto.Graph.SparseInitializer.Select(sparse => sparse.Values?.Name ?? ""))
            .ToHashSet(StringComparer.Ordinal);
        Inputs = proto.Graph.Input.Where(input => !initializers.Contains(input.Name)).Select(TensorInfo.From).ToArray();
        Outputs = proto.Graph.Output.Select(TensorInfo.From).ToArray();
        ExternalDataFiles = ExternalData.FilesOf(proto);
        OpsetVersion = proto.OpsetImport.First(opset => ModelChecks.IsDefaultDomain(opset.Domain)).Version;
    }

    /// <summary>What a caller feeds, in the file's order. An initializer that is also listed as an input is not one of them.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>What a run gives, in the file's order.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>
    /// The external data files that the tensors of this model (also those in attributes, subgraphs and functions) are stored in: paths
    /// relative to the model's folder as the file writes them, each once, never absolute and never leading out of that folder.
    /// </summary>
    public IReadOnlyList<string> ExternalDataFiles { get; }

    /// <summary>Version of the default operator set (domain "" or "ai.onnx").</summary>
    public long OpsetVersion { get; }

    /// <summary>Version of the file format.</summary>
    public long IrVersion => Proto.IrVersion;

    /// <summary>Name and version of the tool that wrote the file, e.g. <c>pytorch 1.13.1</c>; empty if it does not say.</summary>
    public string Producer => $"{Proto.ProducerName} {Proto.ProducerVersion}".Trim();

    /// <summary>The file's messages. Never change them: rewrite a clone.</summary>
    internal ModelProto Proto { get; }

    /// <summary>Reads a model.</summary>
    /// <exception cref="OnnxFormatException">The file is not an ONNX model; the message names the file and says why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    public static OnnxModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaximumBytes and var length })
            {
                throw new OnnxFormatException(
                    $"it has {length} bytes, and an ONNX file ends at 2 GiB; larger weights belong in external data files");
            }

            return Parse(File.ReadAllBytes(path));
        }
        catch (OnnxFormatException exception)
        {
            throw new OnnxFormatException($"'{path}' cannot be used as an ONNX model: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a model from the bytes of a file.</summary>
    /// <exception cref="OnnxFormatException">The bytes are not an ONNX model; the message says why.</exception>
    public static OnnxModel Parse(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length == 0)
        {
            throw new OnnxFormatException("it is empty");
        }

        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxFormatException(UnreadableFile.Reason(bytes, exception), exception);
        }

        return new OnnxModel(proto);
    }

    /// <summary>Writes the model's bytes.</summary>
    public void Save(Stream destination) => Proto.WriteTo(destination);

    /// <summary>
    /// Writes the model, replacing a file of that name only once all is written. External data files are not copied: they are looked
    /// for beside the new file.
    /// </summary>
    /// <exception cref="OnnxFormatException">The model would pass the format's 2 GiB.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // The size is an int that wraps.
        if (Proto.CalculateSize() is var size && size is < 0 or > MaximumBytes)
        {
            throw new OnnxFormatException("the model has more than 2 GiB; larger weights belong in external data files");
        }

        string aside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
            {
                Proto.WriteTo(file);
            }

            File.Move(aside, path, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
