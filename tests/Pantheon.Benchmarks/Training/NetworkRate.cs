using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pantheon.Learning.Optimizers;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Losses;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Benchmarks.Training;

/// <summary>
/// How fast a 288-512-256-1 network trains at batch 2,048, in GFLOP/s of its matrix products, beside the best that ONNX Runtime reaches
/// on the same cores with one large MatMul. Both are run by turns, so that what else the machine does falls on both.
/// </summary>
internal static class NetworkRate
{
    private const int Batch = 2048;
    private const int Rounds = 9;
    private const int Inputs = 288;

    private static readonly int[] s_layers = [512, 256];
    private static readonly int[] s_sizes = [1024, 2048, 3072];

    public static void Run(TextWriter output, int threads)
    {
        var options = new GraphSessionOptions { IntraOpThreads = threads, FixedShapes = true, Spin = true };
        using var network = new Network(options);
        var products = s_sizes.Select(size => new Product(options, size)).ToList();
        var (graph, step, best) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            graph.Add(network.GraphRate());
            step.Add(network.StepRate());
            best.Add(products.Max(product => product.Rate()));
        }

        products.ForEach(product => product.Dispose());
        output.WriteLine($"## A {Inputs}-{string.Join('-', s_layers)}-1 network at batch {Batch}, {threads} threads");
        output.WriteLine();
        output.WriteLine($"GFLOP/s of the matrix products, medians of {Rounds} rounds; a round runs all of them in turn. The share is of the same round's best MatMul.");
        output.WriteLine();
        output.WriteLine("| what | GFLOP/s | share of the best MatMul |");
        output.WriteLine("| --- | ---: | ---: |");
        Line($"best of MatMul {string.Join(", ", s_sizes)} square", best);
        Line("loss and all gradients, one graph", graph);
        Line("the same and a step of Adam", step);
        output.WriteLine();

        void Line(string what, List<double> rates) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {what} | {Median(rates):0.0} | {Median([.. rates.Zip(best, (rate, most) => rate / most)]):P0} |"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double Rate(double flops, int times, Action run)
    {
        run();
        var start = Stopwatch.GetTimestamp();
        for (var time = 0; time < times; time++)
        {
            run();
        }

        return flops * times / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    private static float[] Pinned(int length)
    {
        var values = GC.AllocateArray<float>(length, pinned: true);
        var random = new Random(length);
        for (var index = 0; index < length; index++)
        {
            values[index] = (random.NextSingle() - 0.5f) * 0.1f;
        }

        return values;
    }

    private static nint Address(float[] values) => Marshal.UnsafeAddrOfPinnedArrayElement(values, 0);

    private sealed class Product : IDisposable
    {
        private readonly GraphSession _session;
        private readonly GraphRun _run;
        private readonly int _size;
        private readonly float[][] _memory;

        public Product(GraphSessionOptions options, int size)
        {
            _size = size;
            var graph = new GraphBuilder();
            graph.Output("y", graph.Input("a", OnnxElementType.Float, size, size).MatMul(graph.Input("b", OnnxElementType.Float, size, size)));
            _session = GraphSession.Load(graph.Build(), options);
            _run = _session.Rent();
            _memory = [Pinned(size * size), Pinned(size * size), Pinned(size * size)];
            _run.BindInput(0, Address(_memory[0]), [size, size], -1, 0);
            _run.BindInput(1, Address(_memory[1]), [size, size], -1, 0);
            _run.BindOutput(0, Address(_memory[2]), [size, size], -1, 0);
        }

        public double Rate() => NetworkRate.Rate(2.0 * _size * _size * _size, Math.Max(1, 4096 / _size), () => _run.Execute());

        public void Dispose()
        {
            _run.Dispose();
            _session.Dispose();
        }
    }

    private sealed class Network : IDisposable
    {
        private const int Steps = 10;

        private readonly GraphSession _session;
        private readonly GraphRun _run;
        private readonly Dictionary<string, (float[] Values, float[] Gradient, DenseOptimizer Optimizer)> _learned = new(StringComparer.Ordinal);
        private readonly List<float[]> _memory = [];
        private readonly double _flops;

        public Network(GraphSessionOptions options)
        {
            var graph = new GraphBuilder();
            var parameters = new NetworkParameters(graph);
            var x = graph.Input("x", OnnxElementType.Float, "batch", Inputs);
            var logit = parameters.Linear("head", parameters.Stack("layers", x, s_layers), 1);
            var loss = graph.Output("loss", ObjectiveLosses.Ranking(
                logit, graph.Input("labels", OnnxElementType.Float, "batch", 1), graph.Input("rows", OnnxElementType.Float, "batch")));
            foreach (var gradient in Gradients.Of(loss, graph.Parameters))
            {
                graph.Output($"d/{gradient.Parameter.Name}", gradient.Dense!);
            }

            _session = GraphSession.Load(graph.Build(), options);
            _run = _session.Rent();
            var specs = parameters.Specs.ToDictionary(spec => spec.Name, StringComparer.Ordinal);
            for (var index = 0; index < _session.Inputs.Count; index++)
            {
                var name = _session.Inputs[index].Name;
                Bind(index, name, specs.GetValueOrDefault(name));
            }

            for (var index = 0; index < _session.Outputs.Count; index++)
            {
                var name = _session.Outputs[index].Name;
                var shape = name == "loss" ? [] : Shape(specs[name[2..]]);
                _run.BindOutput(index, Address(name == "loss" ? Keep(Pinned(1)) : _learned[name[2..]].Gradient), shape, -1, 0);
            }

            // Forward; back to every weight; back to every layer's input but the first.
            int[] widths = [Inputs, .. s_layers, 1];
            for (var layer = 0; layer + 1 < widths.Length; layer++)
            {
                _flops += 2.0 * Batch * widths[layer] * widths[layer + 1] * (layer == 0 ? 2 : 3);
            }
        }

        public double GraphRate() => Rate(_flops, Steps, () => _run.Execute());

        public double StepRate() => Rate(_flops, Steps, () =>
        {
            _run.Execute();
            foreach (var (values, gradient, optimizer) in _learned.Values)
            {
                optimizer.Step(values, gradient, 1e-3);
            }
        });

        public void Dispose()
        {
            _run.Dispose();
            _session.Dispose();
        }

        private static long[] Shape(ParameterSpec spec) => [.. spec.Shape.Select(size => (long)size)];

        private float[] Keep(float[] values)
        {
            _memory.Add(values);
            return values;
        }

        private void Bind(int index, string name, ParameterSpec? spec)
        {
            if (spec is null)
            {
                long[] shape = name switch { "x" => [Batch, Inputs], "labels" => [Batch, 1], _ => [Batch] };
                var values = Keep(Pinned((int)shape.Aggregate(1L, (product, size) => product * size)));
                if (name != "x")
                {
                    Array.Fill(values, 1f);
                }

                _run.BindInput(index, Address(values), shape, -1, 0);
                return;
            }

            var parameter = Pinned(spec.Length);
            _learned.Add(name, (parameter, Pinned(spec.Length), new AdamOptions().Create(spec.Length)));
            _run.BindInput(index, Address(parameter), Shape(spec), -1, 0);
        }
    }
}
