using System.Net;
using Pantheon.Bundles;
using Pantheon.Scoring.Rollout;
using Pantheon.Serving.Exposures;
using Pantheon.Serving.Promotion;

namespace Pantheon.Serving.Configuration;

/// <summary>Refuses settings that could not work, at start, with the setting's own name.</summary>
internal static class ServingOptionsValidator
{
    /// <exception cref="ConfigurationException">A setting is out of its range.</exception>
    public static ServingOptions Validate(ServingOptions options)
    {
        Check(IPAddress.TryParse(options.GrpcAddress, out _), nameof(options.GrpcAddress), options.GrpcAddress, "an IP address");
        Check(IPAddress.TryParse(options.HttpAddress, out _), nameof(options.HttpAddress), options.HttpAddress, "an IP address");
        CheckRange(nameof(options.GrpcPort), options.GrpcPort, 0, IPEndPoint.MaxPort);
        CheckRange(nameof(options.HttpPort), options.HttpPort, 0, IPEndPoint.MaxPort);
        CheckRange(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1024, 128 << 20);
        CheckRange(nameof(options.MaxStreamConcurrency), options.MaxStreamConcurrency, 1, 4096);
        CheckRange(nameof(options.IntraOpThreads), options.IntraOpThreads, 1, 1024);
        CheckRange(nameof(options.DrainDelaySeconds), options.DrainDelaySeconds, 0, 3600);
        CheckRange(nameof(options.ShutdownSeconds), options.ShutdownSeconds, 0, 3600);
        CheckRange("Calibration:HalfLifeSeconds", options.Calibration.HalfLifeSeconds, 1, 31_536_000);
        CheckRange("Calibration:MinScores", options.Calibration.MinScores, 2, 1e12);
        CheckRange("Calibration:MinRequests", options.Calibration.MinRequests, 1, 1e12);
        CheckRange("Calibration:UpdateSeconds", options.Calibration.UpdateSeconds, 0.05, 3600);
        CheckRange("Limits:MaxCandidates", options.Limits.MaxCandidates, 1, 1 << 20);
        CheckRange("Limits:MaxFeatureBytes", options.Limits.MaxFeatureBytes, 1, 1 << 30);
        CheckRange("Limits:MaxFeatures", options.Limits.MaxFeatures, 1, 1 << 16);
        // Texts are read on the stack.
        CheckRange("Limits:MaxTextBytes", options.Limits.MaxTextBytes, 1, 4096);
        CheckRange("Limits:MaxTopK", options.Limits.MaxTopK, 1, 1 << 20);
        CheckRange("Limits:DefaultTopK", options.Limits.DefaultTopK, 1, options.Limits.MaxTopK);
        CheckRange("Limits:GoldenTolerance", options.Limits.GoldenTolerance, 0, 1);
        CheckRange("Admission:Concurrency", options.Admission.Concurrency, 0, 4096);
        CheckRange("Admission:QueueLimit", options.Admission.QueueLimit, 0, 1 << 20);
        CheckRange("Admission:EstimateLifetime (seconds)", options.Admission.EstimateLifetime.TotalSeconds, 0.001, 3600);
        CheckRange("Rollout:PollSeconds", options.Rollout.PollSeconds, 0.01, 3600);
        CheckRange("Rollout:KeepVersions", options.Rollout.KeepVersions, 0, 1 << 20);
        CheckRange("Rollout:KeepBytes", options.Rollout.KeepBytes, 0, long.MaxValue);
        CheckRange("Rollout:Guard:MinRequests", options.Rollout.Guard.MinRequests, 1, 1 << 30);
        CheckRange("Rollout:Guard:MaxErrorShare", options.Rollout.Guard.MaxErrorShare, 0, 1);
        CheckRange("Rollout:Guard:MaxSlowdown", options.Rollout.Guard.MaxSlowdown, 1, 1e6);
        CheckRange("Rollout:Guard:MinSlowdownSeconds", options.Rollout.Guard.MinSlowdownSeconds, 0, 3600);
        CheckRange("Rollout:Guard:MaxMeanShift", options.Rollout.Guard.MaxMeanShift, 0, 1e6);
        CheckRange("Rollout:Guard:MaxSpreadRatio", options.Rollout.Guard.MaxSpreadRatio, 1, 1e6);
        CheckRange("Rollout:Guard:BaseSeconds", options.Rollout.Guard.BaseSeconds, 0, 1e9);
        CheckRange("Exploration:Share", options.Exploration.Share, 0, 1);
        CheckRange("Exploration:Depth", options.Exploration.Depth, 1, 1 << 20);
        CheckRange("Promotion:PollSeconds", options.Promotion.PollSeconds, 0.01, 86_400);
        CheckExposures(options.Exposures);
        CheckTable(options);
        CheckRepository(options);
        _ = PromoterHost.Read(options);
        return options;
    }

    private static void CheckTable(ServingOptions options)
    {
        Check(Enum.IsDefined(options.Rollout.Table), "Rollout:Table", $"{options.Rollout.Table}", "File or Store");
        if (options.Rollout.Table == TrafficTableKind.Store)
        {
            Check(options.Exposures.Store != ExposureStoreKind.None, "Rollout:Table", "Store", $"File, as setting {ServingOptions.Section}:Exposures:Store is None");
            Check(options.Rollout.TableCopy.Length > 0, "Rollout:TableCopy", "", "a file");
        }
    }

    private static void CheckRepository(ServingOptions options)
    {
        Check(options.ModelRepository.Length > 0, "ModelRepository", "", "a folder, or s3://BUCKET/PREFIX");
        if (ModelRepository.IsInStore(options.ModelRepository))
        {
            Check(
                options.S3.Endpoint.Length == 0 || (Uri.TryCreate(options.S3.Endpoint, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"),
                "S3:Endpoint", options.S3.Endpoint, "a URL, such as http://minio:9000");
            Check(options.S3.Cache.Length > 0, "S3:Cache", "", "a folder");
            Check(options.Rollout.Table == TrafficTableKind.Store, "Rollout:Table", $"{options.Rollout.Table}", "Store, as nobody shares a file beside models that are in S3");
        }
    }

    private static void CheckExposures(ExposureSettings exposures)
    {
        Check(Enum.IsDefined(exposures.Store), "Exposures:Store", $"{exposures.Store}", "None, Sqlite or Postgres");
        Check(exposures.Store != ExposureStoreKind.Sqlite || exposures.Path.Length > 0, "Exposures:Path", "", "a file");
        Check(exposures.Store != ExposureStoreKind.Postgres || exposures.ConnectionString.Length > 0, "Exposures:ConnectionString", "", "one, such as Host=db;Database=pantheon");
        try
        {
            exposures.Log.Validate();
            exposures.Feedback.Validate();
            exposures.Retention.Validate();
        }
        catch (ArgumentException error)
        {
            throw new ConfigurationException($"settings {ServingOptions.Section}:Exposures: {error.Message}");
        }
    }

    private static void CheckRange(string name, double value, double minimum, double maximum) => Check(
        value >= minimum && value <= maximum,
        name,
        value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{minimum} to {maximum}"));

    private static void Check(bool valid, string name, string got, string expected)
    {
        if (!valid)
        {
            throw new ConfigurationException($"setting {ServingOptions.Section}:{name}: got '{got}', expected {expected}");
        }
    }
}

/// <summary>The service cannot start as configured; the message is one clear line.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
