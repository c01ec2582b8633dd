using System.Text;

namespace Pantheon.Serving.Health;

/// <summary>Health for probes that speak plain HTTP.</summary>
internal static class HealthEndpoints
{
    /// <summary>
    /// Maps <c>/livez</c> (200 while the process answers at all) and <c>/readyz</c> (200 if it wants traffic, else 503),
    /// both with a body for people: <c>ok</c>, or one line for each thing that is not served.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        HealthState state = endpoints.ServiceProvider.GetRequiredService<HealthState>();
        RequestDelegate live = static context => AnswerAsync(context, StatusCodes.Status200OK, "ok\n");
        RequestDelegate ready = context =>
        {
            HealthSnapshot snapshot = state.Current;
            return snapshot.Ready
                ? AnswerAsync(context, StatusCodes.Status200OK, "ok\n")
                : AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, Reasons(snapshot));
        };

        // Probes come every few seconds for as long as the process lives; they say nothing about the traffic.
        endpoints.MapGet("/livez", live).DisableHttpMetrics();
        endpoints.MapGet("/readyz", ready).DisableHttpMetrics();
    }

    private static string Reasons(HealthSnapshot snapshot)
    {
        StringBuilder lines = new("not ready\n");
        foreach ((string name, ServiceHealth health) in snapshot.Services)
        {
            if (!health.Serving)
            {
                lines.Append(name == HealthState.Overall ? "overall" : name).Append(": ").Append(health.Reason.ReplaceLineEndings(" ")).Append('\n');
            }
        }

        return lines.ToString();
    }

    private static Task AnswerAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
