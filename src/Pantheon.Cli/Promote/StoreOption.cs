using System.CommandLine;
using Pantheon.Exposures.Stores;

namespace Pantheon.Cli.Promote;

/// <summary>--store: where a service keeps its exposures.</summary>
internal static class StoreOption
{
    private const string Postgres = "postgres:";

    public static Option<string> Of() => new("--store")
    {
        Description = "The file that a service stores its exposures in, or postgres:CONNECTION.",
        HelpName = "FILE",
        Required = true,
    };

    /// <exception cref="CommandFailure">There is no such file, or the store cannot be opened.</exception>
    public static async Task<IExposureStore> OpenAsync(string value, CancellationToken cancellation)
    {
        if (!value.StartsWith(Postgres, StringComparison.Ordinal) && !File.Exists(value))
        {
            throw new CommandFailure($"--store: {value} is not there, expected the file of a service with Serving:Exposures:Store=Sqlite");
        }

        try
        {
            return value.StartsWith(Postgres, StringComparison.Ordinal)
                ? await ExposureStores.OpenPostgresAsync(new() { ConnectionString = value[Postgres.Length..] }, cancellation: cancellation)
                : ExposureStores.OpenSqlite(new() { Path = value });
        }
        catch (ExposureStoreException error)
        {
            throw new CommandFailure(error.Message);
        }
    }
}
