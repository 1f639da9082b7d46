/* The paths as a CSV file, and where they ended as a table for people. */
#include "trace/trace.h"
#include "util/csv.h"
#include "util/fold.h"
#include <stdio.h>
#include <string.h>

void trace_write_csv(const struct trace *t, struct strbuf *out)
{
    strbuf_add(out, "optimizer,step,x,y,value,grad_norm\n");
    for (size_t k = 0; k < t->n; k++)
        for (size_t i = 0; i < t->path[k].n; i++) {
            const struct trace_path *p = &t->path[k];
            csv_add_text(out, p->label);
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

enum { CELLS = 4 + RADII, CELL = 24, INDENT = 2 };

/* x, y, value, and where the function has minima how near the path came to them. Returns how many
 * cells these are. */
static int fill_row(const struct trace *t, const struct trace_path *p, char cell[CELLS][CELL])
{
    size_t last = p->n - 1;
    const double number[] = {p->x[last], p->y[last], p->value[last]};
    int n = 0;
    for (; n < 3; n++)
        snprintf(cell[n], CELL, "%.4g", number[n]);
    if (t->function->minima == 0)
        return n;
    snprintf(cell[n++], CELL, "%.3g", trace_distance(t, p, last));
    for (int i = 0; i < RADII; i++) {
        int64_t at = trace_arrival(t, p, radii[i]);
        if (at < 0)
            snprintf(cell[n++], CELL, "-");
        else
            snprintf(cell[n++], CELL, "%lld", (long long)at);
    }
    return n;
}

static int fill_head(const struct trace *t, char cell[CELLS][CELL])
{
    static const char *const head[] = {"x", "y", "value", "distance"};
    int n = t->function->minima > 0 ? 4 : 3;
    for (int i = 0; i < n; i++)
        snprintf(cell[i], CELL, "%s", head[i]);
    for (int i = 0; n == 4 + i && i < RADII; i++)
        snprintf(cell[n++], CELL, "in %g", radii[i]);
    return n;
}

static size_t wider(size_t width, const char *text)
{
    return strlen(text) > width ? strlen(text) : width;
}

static void add_label(const char *text, bool alone, size_t width, struct strbuf *out)
{
    strbuf_add(out, text);
    if (alone)
        strbuf_addf(out, "\n%*s", INDENT, "");
    else
        strbuf_addf(out, "%*s", (int)(width - strlen(text)), "");
}

/* The columns of a row: from which on, and how wide they are. */
struct columns {
    size_t page, first, width[CELLS];
    int n;
};

/* What finds no room stands below. */
static void add_cells(char cell[CELLS][CELL], const struct columns *c, struct strbuf *out)
{
    size_t column = c->first;
    for (int i = 0; i < c->n; i++) {
        size_t own = 2 + c->width[i];
        if (column > INDENT && column + own > c->page) {
            strbuf_addf(out, "\n%*s", INDENT, "");
            column = INDENT;
        }
        strbuf_addf(out, "  %*s", (int)c->width[i], cell[i]);
        column += own;
    }
    strbuf_add_char(out, '\n');
}

/* What befell it on the way, on a line below. */
static void add_notes(const struct trace_path *p, struct strbuf *out)
{
    if (p->n == 0)
        strbuf_addf(out, "%*sthe function is not finite at the start\n", INDENT, "");
    else if (p->diverged)
        strbuf_addf(out, "%*sdiverged at step %zu\n", INDENT, "", p->n);
    if (p->event)
        strbuf_addf(out, "%*s%s at step %llu\n", INDENT, "", p->event,
                    (unsigned long long)p->event_step);
}

void trace_write_table(const struct trace *t, size_t page, struct strbuf *out)
{
    char cell[CELLS][CELL];
    struct columns c = {.page = page, .n = fill_head(t, cell)};
    size_t label = strlen("optimizer"), all = 0;
    for (int i = 0; i < c.n; i++)
        c.width[i] = wider(0, cell[i]);
    for (size_t k = 0; k < t->n; k++) {
        label = wider(label, t->path[k].label);
        int filled = t->path[k].n > 0 ? fill_row(t, &t->path[k], cell) : 0;
        for (int i = 0; i < filled; i++)
            c.width[i] = wider(c.width[i], cell[i]);
    }
    for (int i = 0; i < c.n; i++)
        all += 2 + c.width[i];
    bool alone = label + all > page;
    c.first = alone ? INDENT : label;
    add_label("optimizer", alone, label, out);
    fill_head(t, cell);
    add_cells(cell, &c, out);
    for (size_t k = 0; k < t->n; k++) {
        const struct trace_path *p = &t->path[k];
        if (p->n > 0) {
            add_label(p->label, alone, label, out);
            fill_row(t, p, cell);
            add_cells(cell, &c, out);
        } else {
            strbuf_addf(out, "%s\n", p->label);
        }
        add_notes(p, out);
    }
    if (t->function->minima > 0)
        fold_lines("\ndistance: to the nearest minimum; in R: the step from which on the path "
                   "stays within R of it\n",
                   page, out);
}
