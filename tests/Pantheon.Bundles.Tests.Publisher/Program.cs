using Pantheon.Bundles;

// ROOT MODE: "loop" publishes without end and says "published N" after each; "write" and "check" say "here" half-way through a
// file, or with everything written, and wait to be killed; "once" publishes once, or says why not and exits 1.
var (root, mode) = (args[0], args[1]);
var draft = new Manifest
{
    Model = "demo",
    Version = Manifest.NextVersion,
    Inputs = [new InputSpec { Name = "item", Type = ElementType.Int64, Side = FeatureSide.Candidate, Shape = [null] }],
    Outputs = [new OutputSpec { Name = "score", Role = OutputRole.Score, Shape = [null] }],
    Objectives = [],
    Lineage = new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "a test" },
};
var block = new byte[256 * 1024];
new Random(1).NextBytes(block);

Bundle Publish() => BundlePublisher.Publish(
    root,
    draft,
    [
        new BundleSource("model.onnx", stream =>
        {
            stream.Write(block);
            if (mode == "write")
            {
                Wait();
            }

            stream.Write(block);
        }),
        new BundleSource("weights/part0.bin", stream => stream.Write(block)),
        new BundleSource("weights/part1.bin", stream => stream.Write(block)),
    ],
    _ =>
    {
        if (mode == "check")
        {
            Wait();
        }
    });

static void Wait()
{
    Console.WriteLine("here");
    Thread.Sleep(Timeout.Infinite);
}

try
{
    do
    {
        Console.WriteLine($"published {Publish().Manifest.Version}");
    }
    while (mode == "loop");

    return 0;
}
catch (BundleException exception)
{
    Console.WriteLine(exception.Message);
    return 1;
}
