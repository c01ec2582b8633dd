namespace Pantheon.Learning.Reports;

/// <summary>Draws an <see cref="IntervalPlot"/>: names at the left, the numbers themselves at the right, so that nothing needs a legend.</summary>
internal static class IntervalPlotDrawing
{
    private const double Top = 8;
    private const double Row = 19;
    private const double GroupGap = 8;
    private const double Below = 46;
    private const double Indent = 12;
    private const double WidestName = 270;
    private const double NarrowestName = 80;
    private const double NarrowestPlot = 240;

    public static Drawing Draw(IntervalPlot plot)
    {
        IntervalPoint[] points = [.. plot.Groups.SelectMany(group => group.Points)];
        string[] names = [.. points.Select(point => point.Name).Distinct(StringComparer.Ordinal)];
        double nameWidth = plot.Groups.Select(group => TextWidth.Of(group.Name, PlotStyle.FontSize) * 1.08)
            .Concat(names.Select(name => Indent + TextWidth.Of(name, PlotStyle.FontSize))).DefaultIfEmpty(0).Max();
        string[] texts = [.. points.Select(point => NumberText.Of(point.Estimate, plot.Format, IntervalForm.Ends))];
        double right = Drawing.Width - 16 - texts.Select(text => TextWidth.Of(text, PlotStyle.FontSize)).DefaultIfEmpty(0).Max();
        double left = Math.Min(Math.Max(NarrowestName, Math.Min(WidestName, right - NarrowestPlot)), nameWidth) + 14;
        (double low, double high) = Range(points, plot.Reference);
        Axis x = Axis.Horizontal(most => Ticks.Around(low, high, most), left, right);
        double bottom = Top + (points.Length * Row) + plot.Groups.Sum(group => group.Name.Length > 0 ? Row + GroupGap : GroupGap);
        var drawing = new Drawing(plot.Title);

        x.DrawBelow(drawing, Top, bottom, plot.XLabel);
        if (plot.Reference is { } reference)
        {
            drawing.Line(x.Place(reference), Top, x.Place(reference), bottom, "z");
        }

        double y = Top;
        int at = 0;
        foreach (IntervalGroup group in plot.Groups)
        {
            if (group.Name.Length > 0)
            {
                drawing.Text(0, y + (Row / 2) + Drawing.Foot, TextWidth.Fit(group.Name, PlotStyle.FontSize * 1.08, left - 14), "start", "b");
                y += Row;
            }

            foreach (IntervalPoint point in group.Points)
            {
                double middle = y + (Row / 2);
                drawing.Text(Indent, middle + Drawing.Foot, TextWidth.Fit(point.Name, PlotStyle.FontSize, left - Indent - 14));
                drawing.Text(Drawing.Width - 2, middle + Drawing.Foot, texts[at++], "end", "q n");
                Point(drawing, point.Estimate, Array.IndexOf(names, point.Name), x, middle);
                y += Row;
            }

            y += GroupGap;
        }

        drawing.Finish(bottom + Below);
        return drawing;
    }

    private static void Point(Drawing drawing, Estimate estimate, int colour, Axis x, double middle)
    {
        if (!double.IsFinite(estimate.Value))
        {
            return;
        }

        if (estimate.HasInterval)
        {
            Whisker.Draw(drawing, x.Place(estimate.Low), x.Place(estimate.High), middle, $"w {PlotStyle.Stroke(colour)}");
        }

        drawing.Path(PlotStyle.Mark(colour, x.Place(estimate.Value), middle, 4), PlotStyle.Fill(colour));
    }

    private static (double Low, double High) Range(IntervalPoint[] points, double? reference)
    {
        (double low, double high) = (reference ?? double.PositiveInfinity, reference ?? double.NegativeInfinity);
        foreach (IntervalPoint point in points)
        {
            foreach (double value in (ReadOnlySpan<double>)[point.Estimate.Value, point.Estimate.Low, point.Estimate.High])
            {
                if (double.IsFinite(value) && double.IsFinite(point.Estimate.Value))
                {
                    (low, high) = (Math.Min(low, value), Math.Max(high, value));
                }
            }
        }

        return (low, high);
    }
}
