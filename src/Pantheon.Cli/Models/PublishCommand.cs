using System.CommandLine;
using Pantheon.Bundles;

namespace Pantheon.Cli.Models;

/// <summary>`pantheon models publish`: copies a bundle into a repository, checked and all at once, where a running service finds it.</summary>
internal static class PublishCommand
{
    public static Command Of(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "The bundle: a version's directory, or a model's for its default version.", HelpName = "PATH" };
        var repository = new RepositoryOptions("--repository");
        var model = new Option<string?>("--model") { Description = "Name to publish under. Default: the bundle's own.", HelpName = "NAME" };
        var command = new Command("publish", "Copies a bundle into a model repository as its next version.") { path, model };
        repository.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                // What is written aside before it is uploaded.
                var aside = Directory.CreateTempSubdirectory("pantheon-publish-");
                try
                {
                    var to = repository.Of(parsed, aside.FullName);
                    using (to as IDisposable)
                    {
                        return Run(parsed.GetRequiredValue(path), to, parsed.GetValue(model), terminal, cancellation);
                    }
                }
                finally
                {
                    aside.Delete(recursive: true);
                }
            },
            cancellation));
        return command;
    }

    private static int Run(string path, ModelRepository repository, string? model, Terminal terminal, CancellationToken cancellation)
    {
        var published = terminal.Step("publishing: copying, checking golden requests, warming up", () =>
        {
            var bundle = BundleFolder.Open(path);
            return BundlePublisher.Publish(
                repository,
                bundle.Manifest with { Model = model ?? bundle.Manifest.Model, Version = Manifest.NextVersion, Files = [] },
                [.. bundle.Manifest.Files.Select(file => BundleSource.FromFile(file.Name, Path.Combine(bundle.Directory, file.Name)))],
                copy => BundleCheck.Run(copy, cancellation));
        });
        terminal.Output.WriteLine($"published {repository.NameOf(published.Manifest.Model, published.Manifest.Version)} ({published.Digest})");
        return 0;
    }
}
