using Pantheon.Cli.Create;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Cli.Train;

/// <summary>What `pantheon train --ranking` is told of an ONNX file, as `pantheon bundle create` is.</summary>
/// <param name="Vocabularies">Paths by input.</param>
internal sealed record RankingFile(
    IReadOnlyList<string> Pxtrs, IReadOnlyList<string> Objectives, IReadOnlyList<string> UserInputs, IReadOnlyList<string> CandidateInputs,
    IReadOnlyDictionary<string, string> Vocabularies)
{
    private const string Model = "ranking";
    private const string Score = "score";

    private bool IsEmpty => Pxtrs.Count + Objectives.Count + UserInputs.Count + CandidateInputs.Count + Vocabularies.Count == 0;

    /// <summary>The bundle to work on: the one that was named, or one made aside of the file that was, in the output folder.</summary>
    public static string BundleOf(string path, TrainRequest request, Terminal terminal, CancellationToken cancellation)
    {
        var said = request.File;
        if (!File.Exists(path))
        {
            return said.IsEmpty ? path : throw CommandFailure.OfUsage("--pxtr, --objectives, --user, --candidates and --vocabulary: came without an ONNX file as --ranking, expected them with one: a bundle says so itself");
        }

        if (said.Pxtrs.Count == 0 || said.Objectives.Count == 0 || said.CandidateInputs.Count == 0)
        {
            throw CommandFailure.OfUsage($"--ranking: {path} is a file, expected --pxtr, --objectives and --candidates with it (and --user and --vocabulary), as `pantheon bundle create` takes them, or the directory of a bundle");
        }

        var repository = Path.Combine(request.Out, "given");
        var bundle = Path.Combine(repository, Model);
        // The same one again: what is resumed depends on it.
        if (request.Resume && Directory.Exists(bundle))
        {
            return bundle;
        }

        BundleCreation.Run(
            new CreateRequest
            {
                Onnx = path,
                Model = Model,
                Repository = repository,
                Score = Score,
                // A bundle has a score; where the graph has none, any formula does until the head takes its place.
                Formula = OnnxModel.Load(path).Outputs.Any(output => output.Name == Score) ? null : OutputPlan.Suggestion(said.Objectives),
                Pxtrs = said.Pxtrs,
                Objectives = said.Objectives,
                UserInputs = said.UserInputs,
                CandidateInputs = said.CandidateInputs,
                Vocabularies = said.Vocabularies,
            },
            terminal, cancellation);
        return bundle;
    }
}
