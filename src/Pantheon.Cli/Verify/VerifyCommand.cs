using System.CommandLine;
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
        var check = terminal.Step("verifying: reading, checking golden requests, warming up", () => BundleCheck.Run(BundleFolder.Open(path), cancellation));
        BundleReport.Print(terminal, check, []);
        terminal.Tables.WriteLine(" verified");
        return 0;
    }
}
