/* The paths as a CSV file, and where they ended as a table for people. */
#include "trace/trace.h"
#include <math.h>
#include <string.h>

/* RFC 4180 */
static void add_quoted(struct strbuf *out, const char *text)
{
    bool plain = !strpbrk(text, ",\"\r\n");
    if (plain) {
        strbuf_add(out, text);
        return;
    }
    strbuf_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            strbuf_add_char(out, '"');
        strbuf_add_char(out, *text);
    }
    strbuf_add_char(out, '"');
}

void trace_write_csv(const struct trace *t, struct strbuf *out)
{
    strbuf_add(out, "optimizer,step,x,y,value,grad_norm\n");
    for (size_t k = 0; k < t->n; k++)
        for (size_t i = 0; i < t->path[k].n; i++) {
            const struct trace_path *p = &t->path[k];
            add_quoted(out, p->label);
            /* 9 digits hold a float32; the others are double */
            strbuf_addf(out, ",%zu,%.9g,%.9g,", i, p->x[i], p->y[i]);
            strbuf_add_real(out, p->value[i]);
            strbuf_add_char(out, ',');
            strbuf_add_real(out, p->grad_norm[i]);
            strbuf_add_char(out, '\n');
        }
}

static const double radii[] = {0.1, 0.001};
enum { RADII = sizeof radii / sizeof radii[0] };

static void add_arrivals(const struct trace *t, const struct trace_path *p, struct strbuf *out)
{
    for (int i = 0; i < RADII; i++) {
        int64_t at = trace_arrival(t, p, radii[i]);
        if (at < 0)
            strbuf_addf(out, " %10s", "-");
        else
            strbuf_addf(out, " %10lld", (long long)at);
    }
}

static void add_row(const struct trace *t, const struct trace_path *p, size_t width, struct strbuf *out)
{
    strbuf_addf(out, "%-*s ", (int)width, p->label);
    if (p->n == 0) {
        strbuf_add(out, "   the function is not finite at the start\n");
        return;
    }
    size_t last = p->n - 1;
    strbuf_addf(out, "%8zu %12.6g %12.6g %12.6g", last, p->x[last], p->y[last], p->value[last]);
    if (t->function->minima > 0) {
        strbuf_addf(out, " %10.3g", trace_distance(t, p, last));
        add_arrivals(t, p, out);
    }
    if (p->diverged)
        strbuf_addf(out, "  diverged at step %zu", p->n);
    if (p->event)
        strbuf_addf(out, "  %s at step %llu", p->event, (unsigned long long)p->event_step);
    strbuf_add(out, "\n");
}

void trace_write_table(const struct trace *t, struct strbuf *out)
{
    size_t width = strlen("optimizer");
    for (size_t k = 0; k < t->n; k++)
        width = strlen(t->path[k].label) > width ? strlen(t->path[k].label) : width;
    strbuf_addf(out, "%-*s %8s %12s %12s %12s", (int)width, "optimizer", "steps", "x", "y", "value");
    if (t->function->minima > 0) {
        strbuf_addf(out, " %10s", "distance");
        for (int i = 0; i < RADII; i++)
            strbuf_addf(out, "   in %5g", radii[i]);
    }
    strbuf_add(out, "\n");
    for (size_t k = 0; k < t->n; k++)
        add_row(t, &t->path[k], width, out);
    if (t->function->minima > 0)
        strbuf_add(out, "\ndistance: to the nearest minimum; in R: the step from which on the path stays within R of it\n");
}
