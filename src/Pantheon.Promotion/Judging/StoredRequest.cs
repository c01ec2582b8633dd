using System.Runtime.InteropServices;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Requests;

namespace Pantheon.Promotion;

/// <summary>A request that the service stored as it came, as the engine takes it.</summary>
internal static class StoredRequest
{
    /// <returns>The query, to be disposed.</returns>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no RankRequest.</exception>
    public static RankQuery Read(ReadOnlyMemory<byte> stored)
    {
        var request = RankRequest.Parser.ParseFrom(stored.Span);
        var query = RankQueryPool.Shared.Rent();
        query.RequestId = request.RequestId;
        query.Scenario = request.Scenario;
        foreach (var id in request.CandidateIds)
        {
            BitConverter.TryWriteBytes(query.Ids.Append(sizeof(long)), id);
        }

        foreach (var (features, ofUser) in (ReadOnlySpan<(IEnumerable<Feature>, bool)>)[(request.UserFeatures, true), (request.CandidateFeatures, false)])
        {
            foreach (var feature in features)
            {
                Fill(query.AddFeature(ofUser), feature);
            }
        }

        return query;
    }

    private static void Fill(FeatureColumn column, Feature feature)
    {
        column.Name = feature.Name;
        column.StatedType = (int)feature.Type;
        feature.Data.Span.CopyTo(column.Data.Append(feature.Data.Length));
        MemoryMarshal.AsBytes<float>(feature.Floats.ToArray()).CopyTo(column.Floats.Append(feature.Floats.Count * sizeof(float)));
        MemoryMarshal.AsBytes<long>(feature.Int64S.ToArray()).CopyTo(column.Int64s.Append(feature.Int64S.Count * sizeof(long)));
        foreach (var text in feature.Strings)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            bytes.CopyTo(column.TextBytes.Append(bytes.Length));
            column.EndText();
        }
    }
}
