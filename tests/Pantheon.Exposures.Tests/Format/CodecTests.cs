using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Tests.Format;

public sealed class CodecTests
{
    [Fact]
    public void Ranking_OfVersionOne_IsReadAsLongAsThereAreStores()
    {
        // Written once and for all: a change of the form needs a new version, and these bytes must stay readable.
        var blob = Convert.FromHexString(
            "010d" + "0372" + "0666656564" + "05616263" + "0e" + "009f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" + "f403"
            + "02" + "05" + "d00f" + "0000803f" + "000000000000e03f" + "ac02" + "01" + "000000bf" + "000000000000d03f" + "020708");

        var ranking = RankingCodec.Decode(Guid.Empty, "u", blob);

        Assert.Equal((RankingArm.Base, true, "r", "feed", "abc", 7L, Sample.Digest, 500), (
            ranking.Arm, ranking.Explored, ranking.RequestId, ranking.Scenario, ranking.Model, ranking.Version, ranking.Digest, ranking.Candidates));
        Assert.Equal([new RankedExposure(5, 1000, 1, 0.5), new RankedExposure(300, -1, -0.5f, 0.25)], ranking.Items);
        Assert.Equal([7, 8], ranking.Features.ToArray());
        Assert.Equal(blob, RankingCodec.Encode(ranking, new BlobWriter()));
    }

    [Fact]
    public void Report_OfVersionOne_IsReadAsLongAsThereAreStores()
    {
        var blob = Convert.FromHexString("0102" + "0000" + "01" + "07" + "636c69636b" + "000000000000f03f" + "03" + "05" + "00");

        var report = FeedbackCodec.Decode(Guid.Empty, blob);

        Assert.Equal((0, null, 1.0), (report.Items[0].Rank, report.Items[0].ShownPosition, report.Items[0].Outcomes["click"]));
        Assert.Equal((3, 4, 0), (report.Items[1].Rank, report.Items[1].ShownPosition, report.Items[1].Outcomes.Count));
        Assert.Equal(blob, FeedbackCodec.Encode(report, new BlobWriter()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("日本語\U0001F3A5")]
    [InlineData(Sample.Digest)]
    [InlineData("sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")]
    [InlineData("sha256:zz86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("0198c3a5-0000-7000-8000-000000000000")]
    [InlineData("0198C3A5-0000-7000-8000-000000000000")]
    [InlineData("0198c3a5+0000-7000-8000-000000000000")]
    public void Text_OfAnyForm_ComesBack(string text)
    {
        var writer = new BlobWriter();
        writer.Text(text);
        var reader = new BlobReader(writer.ToArray());

        Assert.Equal(text, reader.Text());
        reader.End();
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(127L)]
    [InlineData(128L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Number_OfAnySize_ComesBack(long number)
    {
        var writer = new BlobWriter();
        writer.Signed(number);
        writer.Unsigned((ulong)number);
        var reader = new BlobReader(writer.ToArray());

        Assert.Equal(number, reader.Signed());
        Assert.Equal((ulong)number, reader.Unsigned());
        reader.End();
    }

    [Fact]
    public void Decode_AnyBytes_GivesAValueOrSaysDamaged()
    {
        var ranking = Sample.Ranking(items: 20) with { Features = new byte[50], Explored = true };
        var report = Sample.Report(ranking, 3, 4, ("click", 1), ("play_seconds", 31.5));
        var (rankings, reports) = (RankingCodec.Encode(ranking, new BlobWriter()), FeedbackCodec.Encode(report, new BlobWriter()));
        var random = new Random(20240725);
        var refused = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var blob = Mutate(round % 2 == 0 ? rankings : reports, random);
            try
            {
                // What is read can be written, and is then read the same.
                var again = round % 2 == 0
                    ? RankingCodec.Encode(RankingCodec.Decode(ranking.Id, "u", blob), new BlobWriter())
                    : FeedbackCodec.Encode(FeedbackCodec.Decode(ranking.Id, blob), new BlobWriter());
                Assert.NotEmpty(again);
            }
            catch (ExposureStoreException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 20_000, 59_000);
    }

    [Fact]
    public void Decode_EveryPrefix_SaysDamaged()
    {
        var ranking = Sample.Ranking(items: 20) with { Features = new byte[50] };
        var blob = RankingCodec.Encode(ranking, new BlobWriter());
        for (var length = 0; length < blob.Length; length++)
        {
            Assert.Throws<ExposureStoreException>(() => RankingCodec.Decode(ranking.Id, "u", blob.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Decode_ANewerForm_AsksWhetherItIs()
    {
        var exception = Assert.Throws<ExposureStoreException>(() => FeedbackCodec.Decode(Guid.Empty, [2, 0]));

        Assert.Equal("a stored report has form 2, this version reads 1; was it written by a newer one?", exception.Message);
    }

    private static byte[] Mutate(byte[] blob, Random random)
    {
        var mutated = blob.ToList();
        for (var times = random.Next(1, 4); times > 0 && mutated.Count > 1; times--)
        {
            var at = random.Next(mutated.Count);
            switch (random.Next(5))
            {
                case 0: mutated[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: mutated[at] = (byte)(random.Next(2) * 255); break;
                case 2: mutated.RemoveRange(at, mutated.Count - at); break;
                case 3: mutated.Insert(at, (byte)random.Next(256)); break;
                default: mutated.RemoveAt(at); break;
            }
        }

        return [.. mutated];
    }
}
