using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Stores;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Models;
using Pantheon.Serving.Configuration;

namespace Pantheon.Serving.Calibration;

/// <summary>
/// Moments by way of the store's notes: <c>moments/MODEL/VERSION/ID</c>, one for each loading of a version, which replaces its own whole,
/// and one for what was imported. Those of a replica that is gone age by when they were written, so a restart loses nothing.
/// </summary>
internal sealed partial class SharedMoments(ServingOptions options, TimeProvider clock, ILogger<SharedMoments> logger)
{
    private const string Imported = "import";

    // After which a note weighs a thousandth of what it did, and is deleted.
    private const int HalfLives = 10;

    private static readonly TimeSpan s_sweep = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    // A newer replica may say more.
    private static readonly JsonParser s_parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly ConditionalWeakTable<VersionCalibration, StrongBox<long>> _written = [];
    private readonly ConcurrentDictionary<string, bool> _damaged = new(StringComparer.Ordinal);
    private long? _swept;
    private bool _isAway;

    /// <summary>Says what this replica measured, and reads what the others did. Never throws: without the store what is known here goes on ageing.</summary>
    public async Task ExchangeAsync(ISharedNotes notes, IReadOnlyCollection<LoadedModel> models, CancellationToken cancellation)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(s_patience);
            foreach (var model in models)
            {
                await ExchangeAsync(notes, model, patience.Token);
            }

            if (_swept is not { } swept || clock.GetElapsedTime(swept) >= s_sweep)
            {
                _swept = clock.GetTimestamp();
                foreach (var name in models.Select(model => model.Name).Distinct())
                {
                    await SweepAsync(notes, name, patience.Token);
                }
            }

            if (_isAway)
            {
                _isAway = false;
                LogBack();
            }
        }
        catch (Exception error) when (error is ExposureStoreException or OperationCanceledException or ObjectDisposedException)
        {
            if (!_isAway && !cancellation.IsCancellationRequested)
            {
                _isAway = true;
                LogAway(error.Message);
            }
        }
#pragma warning disable CA1031 // Whatever a store does, what serves goes on serving, and the next exchange comes.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogBroken(error);
        }
    }

    /// <summary>Shares imported moments of a version, in the place of those imported before.</summary>
    /// <exception cref="ExposureStoreException">The store cannot take them.</exception>
    public static Task ImportAsync(ISharedNotes notes, string model, VersionMoments moments, CancellationToken cancellation) =>
        notes.WriteAsync(Prefix(model, moments.Version) + Imported, JsonFormatter.Default.Format(moments), cancellation: cancellation);

    private async Task ExchangeAsync(ISharedNotes notes, LoadedModel model, CancellationToken cancellation)
    {
        var calibration = model.Calibration;
        var prefix = Prefix(model.Name, model.Version);
        var own = prefix + calibration.Id;
        var taken = calibration.Slots.Sum(slot => slot.Stream.Taken);
        var written = _written.GetOrCreateValue(calibration);
        // Without new scores it ages by itself.
        if (taken != written.Value)
        {
            await notes.WriteAsync(own, JsonFormatter.Default.Format(MomentsMessage.OfOwn(model)), cancellation: cancellation);
            written.Value = taken;
        }

        var others = new List<OtherMoments>();
        foreach (var note in await notes.ListAsync(prefix, cancellation))
        {
            if (note.Key != own && Read(note, model.Bundle.Digest) is { } other)
            {
                others.Add(other);
            }
        }

        calibration.SetOthers(others);
    }

    private OtherMoments? Read(Note note, string digest)
    {
        string? problem;
        try
        {
            var moments = s_parser.Parse<VersionMoments>(note.Text);
            if (moments.BundleDigest != digest)
            {
                // Of another bundle that had this number.
                return null;
            }

            if (MomentsMessage.Read(moments, "", note.Written, Age(note), maxScenarios: int.MaxValue, maxTextBytes: int.MaxValue, out problem) is { } other)
            {
                return other;
            }
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            // What Protobuf throws at a text: what is no JSON, and what is no such message.
            problem = error.Message;
        }

        if (_damaged.TryAdd(note.Key, true))
        {
            LogDamaged(note.Key, problem ?? "");
        }

        return null;
    }

    private async Task SweepAsync(ISharedNotes notes, string model, CancellationToken cancellation)
    {
        foreach (var note in await notes.ListAsync($"moments/{model}/", cancellation))
        {
            if (Age(note) > HalfLives * options.Calibration.HalfLifeSeconds)
            {
                await notes.DeleteAsync(note.Key, cancellation);
            }
        }
    }

    // Clocks that differ by seconds make nothing of a half-life.
    private double Age(Note note) => Math.Max(0, (clock.GetUtcNow() - note.Written).TotalSeconds);

    private static string Prefix(string model, long version) => string.Create(CultureInfo.InvariantCulture, $"moments/{model}/{version}/");

    [LoggerMessage(EventId = 2403, Level = LogLevel.Warning, Message = "Moments of scores cannot be shared through the store; each replica goes by its own meanwhile: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(EventId = 2404, Level = LogLevel.Information, Message = "Moments of scores are shared through the store again")]
    private partial void LogBack();

    [LoggerMessage(EventId = 2405, Level = LogLevel.Warning, Message = "Note {Key} holds no moments and is left out: {Reason}")]
    private partial void LogDamaged(string key, string reason);

    [LoggerMessage(EventId = 2406, Level = LogLevel.Error, Message = "Sharing moments of scores ended in an unexpected error")]
    private partial void LogBroken(Exception error);
}
