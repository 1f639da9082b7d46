/* The figure of a trace: paths over filled contours, and the value against the step. */
#include "trace/internal.h"
#include <math.h>

enum { GRID = 320 }; /* points along the longer side */

/* ---- the function as contours ---- */

static double *grid_of(struct drawing *d, double least)
{
    struct contours *c = &d->contours;
    double *v = arena_alloc(d->arena, c->columns * c->rows * sizeof *v);
    for (size_t row = 0; row < c->rows; row++)
        for (size_t column = 0; column < c->columns; column++) {
            double x = c->x0 + (c->x1 - c->x0) * (double)column / (double)(c->columns - 1);
            double y = c->y0 + (c->y1 - c->y0) * (double)row / (double)(c->rows - 1);
            v[row * c->columns + column] = func_value(&d->trace->config->function, x, y) - least;
        }
    return v;
}

/* The value that heights are counted from. */
static double base_of(const struct trace *t)
{
    return t->function->minima > 0 ? t->function->least : 0;
}

enum { AVOIDED = 400 }; /* points of the paths that the contours' values keep away from */

/* Starts, ends and what lies between: values are written where nobody went. */
static void add_avoided(struct drawing *d)
{
    const struct trace *t = d->trace;
    size_t all = 0, n = 0;
    for (size_t k = 0; k < t->n; k++)
        all += t->path[k].n;
    size_t stride = all / AVOIDED + 1, most = all / stride + t->n + t->function->minima + 1;
    double *x = arena_alloc(d->arena, most * sizeof *x),
           *y = arena_alloc(d->arena, most * sizeof *y);
    for (size_t k = 0; k < t->n; k++)
        for (size_t i = 0; i < t->path[k].n && n < most; i += stride) {
            x[n] = t->path[k].x[i];
            y[n++] = t->path[k].y[i];
        }
    for (size_t i = 0; i < t->function->minima && n < most; i++) {
        x[n] = t->function->minimum[i].x;
        y[n++] = t->function->minimum[i].y;
    }
    d->contours.avoid_x = x;
    d->contours.avoid_y = y;
    d->contours.avoids = n;
}

static void make_contours(struct drawing *d)
{
    const double *domain = d->trace->config->domain.v;
    double w = domain[1] - domain[0], h = domain[3] - domain[2], cell = fmax(w, h) / (GRID - 1);
    struct contours *c = &d->contours;
    *c = (struct contours){.x0 = domain[0], .x1 = domain[1], .y0 = domain[2], .y1 = domain[3]};
    c->columns = (size_t)fmax(2, ceil(w / cell) + 1);
    c->rows = (size_t)fmax(2, ceil(h / cell) + 1);
    c->value = grid_of(d, base_of(d->trace));
    c->levels = figure_levels(c->value, c->columns * c->rows, DRAWING_LEVELS, d->level);
    c->level = d->level;
    c->labelled = true;
    add_avoided(d);
}

/* ---- values ---- */

static void make_values(struct drawing *d)
{
    const struct trace *t = d->trace;
    size_t points = (size_t)t->config->steps + 1;
    d->log = t->function->minima > 0;
    d->step = arena_alloc(d->arena, points * sizeof *d->step);
    for (size_t i = 0; i < points; i++)
        d->step[i] = (double)i;
    d->above = arena_alloc(d->arena, t->n * sizeof *d->above);
    for (size_t k = 0; k < t->n; k++) {
        d->above[k] = arena_alloc(d->arena, (t->path[k].n + 1) * sizeof(double));
        for (size_t i = 0; i < t->path[k].n; i++)
            d->above[k][i] = t->path[k].value[i] - base_of(t);
    }
}

/* The values that occur; of a path that climbs out of sight, or falls without end, only what the
 * contours show, and where it began. */
static void find_range(struct drawing *d)
{
    const struct contours *c = &d->contours;
    double low = (double)INFINITY, high = -low, floor = low, ceiling = high;
    for (size_t i = 0; i < c->columns * c->rows; i++)
        if (isfinite(c->value[i])) {
            floor = fmin(floor, c->value[i]);
            ceiling = fmax(ceiling, c->value[i]);
        }
    for (size_t k = 0; k < d->trace->n; k++)
        if (d->trace->path[k].n > 0) {
            floor = fmin(floor, d->above[k][0]);
            ceiling = fmax(ceiling, d->above[k][0]);
        }
    ceiling *= d->log ? 100 : 1; /* enough to see that it climbs */
    for (size_t k = 0; k < d->trace->n; k++)
        for (size_t i = 0; i < d->trace->path[k].n; i++) {
            double v = d->above[k][i];
            if (d->log && !(v > 0))
                continue;
            low = fmin(low, d->log ? v : fmax(v, floor));
            high = fmax(high, fmin(v, ceiling));
        }
    if (!(low <= high))
        low = d->log ? 0.1 : 0, high = 1;
    double room = d->log ? exp(0.04 * (log(high) - log(low))) : 0.04 * (high - low);
    d->range[0] = d->log ? low / fmax(room, 1.1) : low - room;
    d->range[1] = d->log ? high * fmax(room, 1.1) : high + room;
}

/* 1, 2 or 5 times a power of ten: some ten symbols to a path. */
static size_t symbol_stride(int64_t steps)
{
    static const int64_t mantissa[] = {1, 2, 5};
    for (int64_t power = 1;; power *= 10)
        for (int i = 0; i < 3; i++)
            if (mantissa[i] * power * 12 >= steps)
                return (size_t)(mantissa[i] * power);
}

struct drawing *drawing_new(struct arena *a, const struct trace *t, const struct spec *s,
                            const struct figure_appearance *appearance)
{
    struct strbuf text;
    struct drawing *d = arena_alloc(a, sizeof *d);
    *d = (struct drawing){.arena = a, .trace = t, .spec = s, .appearance = *appearance};
    strbuf_init(&text);
    spec_write_trace(s, &text);
    d->spec_text = arena_strdup(a, text.text);
    strbuf_fini(&text);
    make_contours(d);
    make_values(d);
    find_range(d);
    d->every = symbol_stride(t->config->steps);
    return d;
}

/* ---- panels ---- */

static size_t shown(const struct trace_path *p, size_t points)
{
    return p->n < points ? p->n : points;
}

/* Points of interest as one curve without a line. */
static struct curve places(struct arena *a, const struct func_point *p, size_t n, const char *label,
                           int symbol)
{
    double *x = arena_alloc(a, n * sizeof *x), *y = arena_alloc(a, n * sizeof *y);
    for (size_t i = 0; i < n; i++) {
        x[i] = p[i].x;
        y[i] = p[i].y;
    }
    return (struct curve){
        .label = label, .x = x, .y = y, .n = n, .points = true, .symbol = symbol, .style = 6};
}

/* Beyond a few times as long as wide, or the other way, one shape for both axes would leave no
 * room. */
static double aspect_of(const struct trace *t)
{
    const double *domain = t->config->domain.v;
    return (domain[1] - domain[0]) / (domain[3] - domain[2]);
}

/* ---- optimizers that left ---- */

static bool is_outside(const double *domain, double x, double y)
{
    return !(x >= domain[0] && x <= domain[1] && y >= domain[2] && y <= domain[3]);
}

/* The first point from which on a path is not seen any more; the number of points where it is seen
 * to the end. */
static size_t leaves_at(const struct trace *t, const struct trace_path *p)
{
    size_t i = p->n;
    while (i > 0 && is_outside(t->config->domain.v, p->x[i - 1], p->y[i - 1]))
        i--;
    return i;
}

/* How far from a to b the border is crossed, in [0, 1]. */
static double crossing(double a, double b, double low, double high)
{
    return b > high ? (high - a) / (b - a) : b < low ? (low - a) / (b - a) : 1;
}

/* A cross on the border where the path leaves for good, or where it ends before its last step. */
static bool add_end(struct drawing *d, size_t k, size_t points, struct curve *to)
{
    const struct trace *t = d->trace;
    const struct trace_path *p = &t->path[k];
    const double *domain = t->config->domain.v;
    size_t out = leaves_at(t, p);
    if (out == 0 || (out == p->n && !p->diverged) || out >= points)
        return false;
    double *at = arena_alloc(d->arena, 2 * sizeof *at), x = p->x[out - 1], y = p->y[out - 1];
    if (out < p->n) {
        double share = fmin(crossing(x, p->x[out], domain[0], domain[1]),
                            crossing(y, p->y[out], domain[2], domain[3]));
        x += share * (p->x[out] - x);
        y += share * (p->y[out] - y);
    }
    at[0] = fmax(domain[0], fmin(domain[1], x));
    at[1] = fmax(domain[2], fmin(domain[3], y));
    *to = (struct curve){.x = at,
                         .y = at + 1,
                         .n = 1,
                         .points = true,
                         .symbol = SYMBOL_CROSS,
                         .style = (int)k,
                         .name = arena_printf(d->arena, "%s, end", p->label)};
    return true;
}

/* "sgd (diverged at step 7)", "adam (left at step 12)" */
static const char *label_of(struct drawing *d, size_t k)
{
    const struct trace_path *p = &d->trace->path[k];
    size_t out = leaves_at(d->trace, p);
    if (p->diverged)
        return arena_printf(d->arena, "%s (diverged at step %zu)", p->label, p->n);
    if (out < p->n)
        return arena_printf(d->arena, "%s (left at step %zu)", p->label, out);
    return p->label;
}

static struct axes map_panel(struct drawing *d, size_t points)
{
    const struct trace *t = d->trace;
    const struct func_kind *f = t->function;
    const double *domain = t->config->domain.v;
    struct func_point start = {t->config->start[0], t->config->start[1]};
    struct curve *curve = arena_alloc(d->arena, (2 * t->n + 3) * sizeof *curve);
    size_t n = 0;
    for (; n < t->n; n++)
        curve[n] = (struct curve){.label = label_of(d, n),
                                  .x = t->path[n].x,
                                  .y = t->path[n].y,
                                  .n = shown(&t->path[n], points),
                                  .style = (int)n,
                                  .every = d->every};
    if (f->minima > 0)
        curve[n++] = places(d->arena, f->minimum, f->minima, f->minima > 1 ? "minima" : "minimum",
                            SYMBOL_STAR);
    if (f->saddles > 0)
        curve[n++] = places(d->arena, f->saddle, f->saddles, "saddle point", SYMBOL_STAR);
    curve[n++] = places(d->arena, &start, 1, "start", SYMBOL_RING);
    for (size_t k = 0; k < t->n; k++)
        n += add_end(d, k, points, &curve[n]);
    return (struct axes){.title = trace_function_label(d->arena, t->config),
                         .x_label = "x",
                         .y_label = "y",
                         .curve = curve,
                         .curves = n,
                         .x_range = domain,
                         .y_range = domain + 2,
                         .contours = &d->contours,
                         .equal = aspect_of(t) < 4 && aspect_of(t) > 0.25};
}

static struct axes value_panel(struct drawing *d, size_t points)
{
    const struct trace *t = d->trace;
    struct curve *curve = arena_alloc(d->arena, 2 * t->n * sizeof *curve);
    size_t n = t->n;
    double *x_range = arena_alloc(d->arena, 2 * sizeof *x_range);
    x_range[1] = (double)t->config->steps;
    for (size_t i = 0; i < t->n; i++)
        curve[i] = (struct curve){.label = t->path[i].label,
                                  .x = d->step,
                                  .y = d->above[i],
                                  .n = shown(&t->path[i], points),
                                  .style = (int)i,
                                  .every = d->every};
    for (size_t i = 0; i < t->n; i++) { /* where the value was no number any more */
        const struct trace_path *path = &t->path[i];
        if (!path->diverged || path->n == 0 || path->n >= points)
            continue;
        curve[n] = (struct curve){.x = d->step + path->n - 1,
                                  .y = d->above[i] + path->n - 1,
                                  .n = 1,
                                  .points = true,
                                  .symbol = SYMBOL_CROSS,
                                  .edge = d->above[i][path->n - 1] > d->range[1] ? 1 : 0,
                                  .style = (int)i,
                                  .name = arena_printf(d->arena, "%s, end", path->label)};
        n++;
    }
    return (struct axes){
        .x_label =
            d->every == 1 ? "step" : arena_printf(d->arena, "step (a symbol every %zu)", d->every),
        .y_label = !d->log                                            ? "value"
                   : t->function->least < 0 || t->function->least > 0 ? "value above the minimum"
                                                                      : "value",
        .x_whole = true,
        .y_log = d->log,
        .curve = curve,
        .curves = n,
        .x_range = x_range,
        .y_range = d->range};
}

/* Pixels that fit the domain's shape, with title, labels and the legend's rows. */
static double height_for(const struct trace *t)
{
    return fmax(350, fmin(860, 840 / aspect_of(t))) + 230 + 36 * ceil((double)(t->n + 2) / 4);
}

struct figure drawing_figure(struct drawing *d, size_t points, double size)
{
    struct axes *panel = arena_alloc(d->arena, 2 * sizeof *panel);
    struct figure_text *text = arena_alloc(d->arena, sizeof *text);
    panel[0] = map_panel(d, points);
    panel[1] = value_panel(d, points);
    *text = (struct figure_text){"descent.spec", d->spec_text};
    return (struct figure){.title = d->spec->name,
                           .panel = panel,
                           .panels = 2,
                           .columns = 2,
                           .shared_legend = true,
                           .width = (unsigned)(2000 * size),
                           .height = (unsigned)(height_for(d->trace) * size),
                           .text = text,
                           .texts = 1,
                           .appearance = d->appearance};
}

struct figure trace_figure(struct arena *a, const struct trace *t, const struct spec *s,
                           const struct figure_appearance *appearance)
{
    return drawing_figure(drawing_new(a, t, s, appearance), (size_t)t->config->steps + 1, 1);
}
