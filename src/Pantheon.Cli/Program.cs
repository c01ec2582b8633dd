using Pantheon.Cli;

return await PantheonCommand.RunAsync(args, Terminal.OfProcess()).ConfigureAwait(false);
