using System.CommandLine;
using Pantheon.Bundles;

namespace Pantheon.Cli.Create;

/// <summary>`pantheon bundle create`: parses; <see cref="BundleCreation"/> does.</summary>
internal static class CreateCommand
{
    public static Command Of(Terminal terminal)
    {
        var onnx = Single("--onnx", "The graph: an ONNX file. External data is taken from its folder.", "model.onnx", required: true);
        var model = Single("--model", "Name of the model.", "NAME", required: true);
        var version = new Option<long?>("--version") { Description = "Version to publish. Default: the highest published plus one.", HelpName = "N" };
        var repository = Single("--repository", "Directory of the models.", "DIR");
        repository.DefaultValueFactory = static _ => "models";
        var score = Single("--score", "Output that candidates are ranked by; with --formula, the name of the output that is added.", "OUTPUT");
        score.DefaultValueFactory = static _ => "score";
        var pxtr = Many("--pxtr", "Output with a column for each objective, or an output for each objective.", "pxtr[,pxtr2...]");
        var objectives = Many("--objectives", "Names of the objectives, in the order of the Pxtrs.", "a,b,c");
        var user = Many("--user", "Inputs that come once per request.", "user_id,user_dense");
        var candidates = Many("--candidates", "Inputs that come once per candidate.", "item_id,item_dense", required: true);
        var own = Single("--own", "Mean and standard deviation of this model's scores, for calibration.", "mean,std");
        var baseline = Single("--baseline", "Mean and standard deviation of the scores that consumers are used to.", "mean,std");
        var scenario = Many("--scenario", "Moments of one scenario; repeatable.", "NAME=ownmean,ownstd,basemean,basestd");
        var golden = Single("--golden", "Requests with the outputs that the training framework gives; checked to 1e-5. Default: made here.", "golden.json");
        var range = Many("--range", "Valid values of an int64 input that the graph does not decide; repeatable.", "input=min:max");
        var vocabulary = Many("--vocabulary", "Table of raw ids and rows for an int64 input: two columns under a header; repeatable.", "input=file.tsv");
        var unknown = Many("--unknown", "Row for raw ids that the vocabulary lacks. Default: 0, if no raw id has it; repeatable.", "input=row");
        var allow = Many("--allow-non-finite", "Float inputs in which NaN and infinity may come.", "input");
        var nonFinite = Single("--non-finite", "What becomes of a candidate whose score is not finite: the request fails, or it is dropped.", "fail|drop");
        nonFinite.DefaultValueFactory = static _ => "fail";
        nonFinite.AcceptOnlyFromAmong("fail", "drop");
        var formula = Single("--formula", "Fusion of the Pxtrs to append to a graph without a score, such as \"(1+is_click)^1.0 * (1+long_view)^0.5\".", "TEXT");
        var attribution = Single("--attribution", "Whom to credit for model or data.", "TEXT");
        var license = Single("--license", "Licence of model or data.", "TEXT");

        var command = new Command("create", "Turns an ONNX file into a bundle and says what it found.")
        {
            onnx, model, score, pxtr, objectives, user, candidates, own, baseline, scenario, golden, range, vocabulary, unknown,
            allow, nonFinite, formula, version, attribution, license, repository,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new CreateRequest
            {
                Onnx = parsed.GetRequiredValue(onnx),
                Model = parsed.GetRequiredValue(model),
                Version = parsed.GetValue(version),
                Repository = parsed.GetRequiredValue(repository),
                Score = parsed.GetRequiredValue(score),
                Pxtrs = OptionValues.Names(pxtr.Name, parsed.GetValue(pxtr)),
                Objectives = OptionValues.Names(objectives.Name, parsed.GetValue(objectives)),
                UserInputs = OptionValues.Names(user.Name, parsed.GetValue(user)),
                CandidateInputs = OptionValues.Names(candidates.Name, parsed.GetValue(candidates)),
                Own = OptionValues.MomentsOf(own.Name, parsed.GetValue(own)),
                Baseline = OptionValues.MomentsOf(baseline.Name, parsed.GetValue(baseline)),
                Scenarios = OptionValues.Scenarios(scenario.Name, parsed.GetValue(scenario)),
                Golden = parsed.GetValue(golden),
                Ranges = OptionValues.Ranges(range.Name, parsed.GetValue(range)),
                Vocabularies = OptionValues.Files(vocabulary.Name, parsed.GetValue(vocabulary)),
                UnknownRows = OptionValues.Rows(unknown.Name, parsed.GetValue(unknown)),
                AllowNonFinite = OptionValues.Names(allow.Name, parsed.GetValue(allow)),
                NonFiniteScores = parsed.GetValue(nonFinite) == "drop" ? NonFiniteScores.Drop : NonFiniteScores.Fail,
                Formula = parsed.GetValue(formula),
                Attribution = parsed.GetValue(attribution),
                License = parsed.GetValue(license),
            };
            // On another thread, so that Ctrl-C is heard.
            return Task.Run(() => BundleCreation.Run(request, terminal, cancellation), cancellation);
        });
        return command;
    }

    internal static Option<string> Single(string name, string description, string value, bool required = false) =>
        new(name) { Description = description, HelpName = value, Required = required };

    internal static Option<string[]> Many(string name, string description, string value, bool required = false) =>
        new(name) { Description = description, HelpName = value, Required = required, Arity = ArgumentArity.OneOrMore };
}
