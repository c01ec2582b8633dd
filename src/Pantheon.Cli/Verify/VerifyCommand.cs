using System.CommandLine;
using Pantheon.Bundles;
using Spectre.Console;

namespace Pantheon.Cli.Verify;

/// <summary>`pantheon bundle verify`: checks a bundle as the service would before it serves it.</summary>
internal static class VerifyCommand
{
    public static Command Of(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "A version's directory, or a model's for its default version.", HelpName = "PATH" };
        var command = new Command("verify", "Checks files, digests, manifest, graph and golden requests of a bundle.") { path };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed.GetRequiredValue(path), terminal, cancellation), cancellation));
        return command;
    }

    private static int Run(string path, Terminal terminal, CancellationToken cancellation)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var check = terminal.Step("verifying: reading, checking golden requests, warming up", () => BundleCheck.Run(Open(full), cancellation));
        BundleReport.Print(terminal, check, []);
        terminal.Tables.WriteLine(" verified");
        return 0;
    }

    private static Bundle Open(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new CommandFailure($"{path} is no directory, expected a version's or a model's");
        }

        if (File.Exists(Path.Combine(path, Manifest.FileName)) || Path.GetDirectoryName(path) is not { } root)
        {
            return Bundle.Open(path);
        }

        var repository = new ModelRepository(root);
        var model = Path.GetFileName(path);
        return repository.Versions(model).Count > 0
            ? repository.Open(model, repository.DefaultVersion(model))
            : throw new CommandFailure($"{path} has neither {Manifest.FileName} nor versions, expected a version's directory or a model's");
    }
}
