using System.CommandLine;
using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Cli.Calibration;
using Pantheon.Cli.Create;
using Pantheon.Cli.Evaluate;
using Pantheon.Cli.Experiment;
using Pantheon.Cli.Formula;
using Pantheon.Cli.Ippo;
using Pantheon.Cli.Models;
using Pantheon.Cli.Promote;
using Pantheon.Cli.Rank;
using Pantheon.Cli.Simulate;
using Pantheon.Cli.Train;
using Pantheon.Cli.Verify;
using Pantheon.Learning.Data;
using Pantheon.Learning.Search;
using Pantheon.Onnx.Formulas;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Cli;

/// <summary>The `pantheon` command: what it was told is parsed here, what it does is in each command's folder.</summary>
internal static class PantheonCommand
{
    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code: 0 done, 1 failed, 2 usage.</returns>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Serves ONNX ranking models with Pantheon ensemble sort.")
        {
            new Command("bundle", "Makes and checks bundles: a model version on disk, ready to serve.")
            {
                CreateCommand.Of(terminal),
                VerifyCommand.Of(terminal),
            },
            RankCommand.Of(terminal),
            ModelsCommand.Of(terminal),
            Promotion(terminal),
            CalibrationCommand.Of(terminal),
            TrainCommand.Of(terminal),
            IppoCommand.Of(terminal),
            ExperimentCommand.Of(terminal),
            EvaluateCommand.Of(terminal),
            SimulateCommand.Of(terminal),
            new Command("formula", "Fusion formulas: the hand-made way from Pxtrs to one score.")
            {
                SearchCommand.Of(terminal),
            },
        };
        // An argument that begins with @ is a value here, not a file of arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            var path = PathOf(parsed.CommandResult.Command);
            var mistake = parsed.UnmatchedTokens.Count > 0
                ? $"'{parsed.UnmatchedTokens[0]}' is no command or option of it" : OneLine(parsed.Errors[0].Message);
            terminal.Fail($"{path}: {mistake} (see `{path} --help`)");
            return CommandFailure.Usage;
        }

        var name = PathOf(parsed.CommandResult.Command)["pantheon".Length..].TrimStart();
        try
        {
            var configuration = new InvocationConfiguration { Output = terminal.Output, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
        catch (CommandFailure failure)
        {
            terminal.Fail($"{name}: {OneLine(failure.Message)}");
            return failure.ExitCode;
        }
        catch (Exception error) when (error is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            terminal.Fail($"{name}: stopped");
            return CommandFailure.Failed;
        }
        catch (Exception error) when (error is BundleException or DataException or StudyException or OnnxFormatException or GraphException or FormulaException
            or IOException or UnauthorizedAccessException)
        {
            terminal.Fail($"{name}: {OneLine(error.Message)}");
            return CommandFailure.Failed;
        }
    }

    private static Command Promotion(Terminal terminal)
    {
        var command = new Command("promote", "Whether a version may replace the one in service, by what users saw and did.")
        {
            RunCommand.Of(terminal),
            StatusCommand.Of(terminal),
            JudgeCommand.Of(terminal),
        };
        foreach (var tell in TellCommand.Of(terminal))
        {
            command.Subcommands.Add(tell);
        }

        return command;
    }

    private static string PathOf(Command command) => command switch
    {
        RootCommand => "pantheon",
        _ => $"{PathOf((Command)command.Parents.First())} {command.Name}",
    };

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
