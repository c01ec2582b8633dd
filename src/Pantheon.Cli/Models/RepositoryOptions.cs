using System.CommandLine;
using Pantheon.Bundles;

namespace Pantheon.Cli.Models;

/// <summary>Which model repository is meant: a folder, or a store and how it is reached.</summary>
internal sealed class RepositoryOptions
{
    private readonly Option<string> _repository;
    private readonly Option<string> _endpoint = new("--s3-endpoint") { Description = "The S3-compatible store. Default: AWS's own. Credentials as the AWS SDK finds them.", HelpName = "URL", DefaultValueFactory = static _ => "" };
    private readonly Option<string> _region = new("--s3-region") { Description = "Its region. Default: as the AWS SDK finds it.", HelpName = "NAME", DefaultValueFactory = static _ => "" };
    private readonly Option<bool> _pathStyle = new("--s3-path-style") { Description = "The bucket is in the path, as stores other than AWS mostly want it." };

    /// <param name="name">Of the option that names it.</param>
    public RepositoryOptions(string name) => _repository = new Option<string>(name)
    {
        Description = "Directory of the models, or s3://BUCKET/PREFIX.",
        HelpName = "DIR",
        DefaultValueFactory = static _ => "models",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_repository, _endpoint, _region, _pathStyle])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The repository; to be disposed where it can be.</summary>
    /// <param name="cache">Where versions of a store are kept.</param>
    public ModelRepository Of(ParseResult parsed, string cache) => ModelRepository.Of(parsed.GetRequiredValue(_repository), new S3Options
    {
        Endpoint = parsed.GetRequiredValue(_endpoint),
        Region = parsed.GetRequiredValue(_region),
        ForcePathStyle = parsed.GetValue(_pathStyle),
        Cache = cache,
    });
}
