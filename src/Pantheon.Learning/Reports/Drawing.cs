namespace Pantheon.Learning.Reports;

/// <summary>An SVG of <see cref="Width"/> pixels and as high as its maker says; it shrinks with the page.</summary>
internal sealed class Drawing
{
    public const double Width = 760;

    private readonly Markup _markup = new();
    private readonly string _title;
    private double _height;

    public Drawing(string title) => _title = title;

    /// <summary>Room for text in the middle of a line of this height, from the line's top to the text's foot.</summary>
    public const double Foot = 4.2;

    public void Line(double x1, double y1, double x2, double y2, string kind) =>
        _markup.Empty("line", ("class", kind), ("x1", At(x1)), ("y1", At(y1)), ("x2", At(x2)), ("y2", At(y2))).Line();

    public void Path(string path, string kind, string? dashes = null)
    {
        if (dashes is null)
        {
            _markup.Empty("path", ("class", kind), ("d", path)).Line();
        }
        else
        {
            _markup.Empty("path", ("class", kind), ("stroke-dasharray", dashes), ("d", path)).Line();
        }
    }

    public void Rectangle(double x, double y, double width, double height, string kind) =>
        _markup.Empty("rect", ("class", kind), ("x", At(x)), ("y", At(y)), ("width", At(width)), ("height", At(height))).Line();

    /// <param name="anchor">Which of the text's points stands at x: start, middle or end.</param>
    public void Text(double x, double y, string text, string anchor = "start", string kind = "") =>
        _markup.Element("text", text, ("class", kind), ("x", At(x)), ("y", At(y)), ("text-anchor", anchor)).Line();

    /// <summary>Upwards, its middle at the point.</summary>
    public void VerticalText(double x, double y, string text) =>
        _markup.Element("text", text, ("class", ""), ("transform", $"translate({At(x)} {At(y)}) rotate(-90)"), ("text-anchor", "middle")).Line();

    public void Finish(double height) => _height = height;

    /// <summary>For a page that has <see cref="PlotStyle.Css"/>.</summary>
    public string Inline() => Element(new Markup(), alone: false).ToString();

    /// <summary>A file of its own.</summary>
    public string File() => Element(new Markup(), alone: true).ToString();

    private Markup Element(Markup markup, bool alone)
    {
        string box = $"0 0 {At(Width)} {At(_height)}";
        if (alone)
        {
            markup.Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", box), ("width", At(Width)), ("height", At(_height)), ("role", "img"))
                .Line().Element("title", _title).Line().Element("style", "\n" + PlotStyle.Css).Line()
                .Empty("rect", ("class", "p"), ("width", At(Width)), ("height", At(_height))).Line();
        }
        else
        {
            markup.Open("svg", ("viewBox", box), ("width", At(Width)), ("height", At(_height)), ("role", "img"), ("aria-label", _title)).Line();
        }

        return markup.Raw(_markup.ToString()).Close("svg").Line();
    }

    private static string At(double value) => NumberText.Coordinate(value);
}
