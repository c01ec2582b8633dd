using System.Globalization;
using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>
/// Colours and marks. The eight colours are those of Okabe and Ito (Color Universal Design, 2008), told apart with any kind of colour
/// vision, with grey for yellow, which cannot be seen on white; in the dark, two are lighter and black is white. Marks and dashes
/// repeat the difference for print without colours. Literal colours and no CSS variables: converters of SVG know only those.
/// </summary>
internal static class PlotStyle
{
    public const double FontSize = 12;

    public const int Colours = 8;

    private static readonly string[] s_light = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a8a8a"];

    private static readonly string[] s_dark = ["#3d8fd1", "#e8702a", "#1fb58a", "#d98cb9", "#f0b429", "#a5dcff", "#ffffff", "#9a9a9a"];

    /// <summary>Rules for the drawings, without the page around them.</summary>
    public static string Css { get; } =
        "svg text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif}\n"
        + "svg .n{font-variant-numeric:tabular-nums}\nsvg .b{font-weight:600}\nsvg .g,svg .a,svg .z,svg .l{fill:none}\n"
        + "svg .l{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\nsvg .g{stroke-width:1}\nsvg .a{stroke-width:1}\n"
        + "svg .z{stroke-width:1.5;stroke-dasharray:4 3}\nsvg .w,svg .h,svg .k{fill:none;stroke-width:1.5}\nsvg .h{stroke-width:4}\nsvg .band{stroke:none;fill-opacity:.16}\n"
        + Rules(s_light, paper: "#ffffff", ink: "#1c1c1c", quiet: "#5c5c5c", grid: "#e3e3e3", axis: "#8a8a8a")
        + "@media screen and (prefers-color-scheme:dark){\n"
        + Rules(s_dark, paper: "#16181c", ink: "#e8e8e8", quiet: "#a8a8a8", grid: "#2e3238", axis: "#7a7a7a")
        + "}\n";

    public static string Stroke(int series) => "s" + Number(series % Colours);

    public static string Fill(int series) => "f" + Number(series % Colours);

    /// <summary>Solid for the first four, then dashes; null for solid.</summary>
    public static string? Dashes(int series) => (series / 4 % 4) switch
    {
        0 => null,
        1 => "7 4",
        2 => "2 4",
        _ => "9 3 2 3",
    };

    /// <summary>The outline of a mark around a point: another one for each of eight series.</summary>
    public static string Mark(int series, double x, double y, double size)
    {
        (double X, double Y)[] corners = (series % Colours) switch
        {
            1 => [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            2 => [(0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
            3 => [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
            4 => [(0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
            5 => [(-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)],
            6 => [(-1.2, -0.5), (1.2, -0.5), (1.2, 0.5), (-1.2, 0.5)],
            7 => [(0, -1.2), (1.14, -0.37), (0.71, 0.97), (-0.71, 0.97), (-1.14, -0.37)],
            _ => [],
        };
        if (corners.Length == 0)
        {
            string radius = NumberText.Coordinate(size);
            string across = NumberText.Coordinate(2 * size);
            return $"M{NumberText.Coordinate(x - size)} {NumberText.Coordinate(y)}a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0 -{across} 0z";
        }

        var path = new StringBuilder();
        foreach ((double cornerX, double cornerY) in corners)
        {
            path.Append(path.Length == 0 ? 'M' : 'L')
                .Append(NumberText.Coordinate(x + (cornerX * size))).Append(' ').Append(NumberText.Coordinate(y + (cornerY * size)));
        }

        return path.Append('z').ToString();
    }

    private static string Rules(string[] colours, string paper, string ink, string quiet, string grid, string axis)
    {
        var rules = new StringBuilder();
        rules.Append(CultureInfo.InvariantCulture, $"svg .p{{fill:{paper}}}\nsvg .h{{stroke:{paper}}}\nsvg .k{{stroke:{ink}}}\nsvg text{{fill:{ink}}}\nsvg text.q{{fill:{quiet}}}\n");
        rules.Append(CultureInfo.InvariantCulture, $"svg .g{{stroke:{grid}}}\nsvg .a,svg .z{{stroke:{axis}}}\n");
        for (int index = 0; index < colours.Length; index++)
        {
            rules.Append(CultureInfo.InvariantCulture, $"svg .s{index}{{stroke:{colours[index]}}}\nsvg .f{index}{{fill:{colours[index]}}}\n");
        }

        return rules.ToString();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
