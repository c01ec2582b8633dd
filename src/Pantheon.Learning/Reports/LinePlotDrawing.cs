using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>Draws a <see cref="LinePlot"/>.</summary>
internal static class LinePlotDrawing
{
    private const double Top = 10;
    private const double PlotHeight = 300;
    private const double Below = 46;
    private const double Gap = 18;

    /// <summary>Half of the label of a mark that stands at the right end.</summary>
    private const double LastLabel = 32;
    private const double MarkSize = 3.2;

    /// <summary>Up to so many points each is marked.</summary>
    private const int MarkedPoints = 30;

    public static Drawing Draw(LinePlot plot)
    {
        var (xLow, xHigh, yLow, yHigh) = Range(plot);
        var legend = new Legend([.. plot.Series.Select(series => series.Name)]);
        bool hasLegend = plot.Series.Count > 1;
        double height = Math.Max(PlotHeight, hasLegend ? legend.Height : 0);
        double bottom = Top + height;
        var y = new Axis(Ticks.Around(yLow, yHigh, 6), bottom, Top);
        double left = 30 + y.Ticks.Labels.Max(label => TextWidth.Of(label, PlotStyle.FontSize));
        double right = Drawing.Width - (hasLegend ? legend.Width + Gap : LastLabel);
        Axis x = Axis.Horizontal(most => Ticks.Inside(xLow, xHigh, most), left, right);
        var drawing = new Drawing(plot.Title);

        for (int index = 0; index < y.Ticks.Values.Length; index++)
        {
            double place = y.Place(y.Ticks.Values[index]);
            drawing.Line(left, place, right, place, "g");
            drawing.Text(left - 7, place + Drawing.Foot, y.Ticks.Labels[index], "end", "q n");
        }

        drawing.VerticalText(13, (Top + bottom) / 2, TextWidth.Fit(plot.YLabel, PlotStyle.FontSize, height));
        x.DrawBelow(drawing, Top, bottom, plot.XLabel);
        var kept = new List<int>[plot.Series.Count];
        for (int index = 0; index < kept.Length; index++)
        {
            kept[index] = Thinning.Keep(plot.Series[index], x);
            Band(drawing, plot.Series[index], kept[index], index, x, y);
        }

        for (int index = 0; index < kept.Length; index++)
        {
            Curve(drawing, plot.Series[index], kept[index], index, x, y);
        }

        if (hasLegend)
        {
            legend.Draw(drawing, right + Gap, Top, (series, from, middle, to) =>
            {
                drawing.Path($"M{At(from)} {At(middle)}H{At(to)}", $"l {PlotStyle.Stroke(series)}", PlotStyle.Dashes(series));
                if (kept[series].Count <= MarkedPoints)
                {
                    drawing.Path(PlotStyle.Mark(series, (from + to) / 2, middle, MarkSize), PlotStyle.Fill(series));
                }
            });
        }

        drawing.Finish(bottom + Below);
        return drawing;
    }

    private static void Curve(Drawing drawing, Series series, List<int> kept, int index, Axis x, Axis y)
    {
        var path = new StringBuilder();
        var marks = new StringBuilder();
        bool pen = false;
        foreach (int point in kept)
        {
            if (!IsDrawn(series, point))
            {
                pen = false;
                continue;
            }

            (double atX, double atY) = (x.Place(series.X[point]), y.Place(series.Y[point]));
            path.Append(pen ? 'L' : 'M').Append(At(atX)).Append(' ').Append(At(atY));
            pen = true;
            if (kept.Count <= MarkedPoints)
            {
                marks.Append(PlotStyle.Mark(index, atX, atY, MarkSize));
            }
        }

        if (path.Length > 0)
        {
            drawing.Path(path.ToString(), $"l {PlotStyle.Stroke(index)}", PlotStyle.Dashes(index));
        }

        if (marks.Length > 0)
        {
            drawing.Path(marks.ToString(), PlotStyle.Fill(index));
        }
    }

    /// <summary>A closed area for each run of points without a gap.</summary>
    private static void Band(Drawing drawing, Series series, List<int> kept, int index, Axis x, Axis y)
    {
        if (series.Low is null)
        {
            return;
        }

        var path = new StringBuilder();
        int start = 0;
        while (start < kept.Count)
        {
            int end = start;
            while (end < kept.Count && HasBand(series, kept[end]))
            {
                end++;
            }

            for (int at = start; at < end; at++)
            {
                path.Append(at == start ? 'M' : 'L').Append(At(x.Place(series.X[kept[at]]))).Append(' ').Append(At(y.Place(series.High![kept[at]])));
            }

            for (int at = end - 1; at >= start; at--)
            {
                path.Append('L').Append(At(x.Place(series.X[kept[at]]))).Append(' ').Append(At(y.Place(series.Low[kept[at]])));
            }

            path.Append(end > start ? "z" : "");
            start = end + 1;
        }

        if (path.Length > 0)
        {
            drawing.Path(path.ToString(), $"band {PlotStyle.Fill(index)}");
        }
    }

    private static (double XLow, double XHigh, double YLow, double YHigh) Range(LinePlot plot)
    {
        (double xLow, double xHigh) = (double.PositiveInfinity, double.NegativeInfinity);
        (double yLow, double yHigh) = (xLow, xHigh);
        foreach (Series series in plot.Series)
        {
            int count = series.X.Count;
            if (series.Y.Count != count || (series.Low?.Count ?? count) != count || (series.High?.Count ?? count) != count
                || series.Low is null != series.High is null)
            {
                throw new ArgumentException($"{plot.Title}: the lists of the series {series.Name} are not of one length", nameof(plot));
            }

            for (int point = 0; point < count; point++)
            {
                if (!IsDrawn(series, point))
                {
                    continue;
                }

                (xLow, xHigh) = (Math.Min(xLow, series.X[point]), Math.Max(xHigh, series.X[point]));
                (yLow, yHigh) = (Math.Min(yLow, series.Y[point]), Math.Max(yHigh, series.Y[point]));
                if (HasBand(series, point))
                {
                    (yLow, yHigh) = (Math.Min(yLow, series.Low![point]), Math.Max(yHigh, series.High![point]));
                }
            }
        }

        return (xLow, xHigh, yLow, yHigh);
    }

    private static bool IsDrawn(Series series, int point) => double.IsFinite(series.X[point]) && double.IsFinite(series.Y[point]);

    private static bool HasBand(Series series, int point) =>
        series.Low is not null && IsDrawn(series, point) && double.IsFinite(series.Low[point]) && double.IsFinite(series.High![point]);

    private static string At(double value) => NumberText.Coordinate(value);
}
