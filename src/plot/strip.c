/* A row per group: each run, the mean with its interval. */
#include "figure/figure.h"
#include "plot/plot.h"
#include <stdlib.h>
#include <string.h>

struct strip_row {
    const struct group *group;
    struct stats_sample sample;
    size_t index;
    bool rises;
};

/* The one that leads last: it is the highest row. */
static int compare_rows(const void *a, const void *b)
{
    const struct strip_row *x = a, *y = b;
    bool p = group_lost(x->group), q = group_lost(y->group);
    if (stats_leads(&x->sample, p, &y->sample, q, x->rises))
        return 1;
    if (stats_leads(&y->sample, q, &x->sample, p, x->rises))
        return -1;
    return x->index < y->index ? 1 : -1;
}

/* What styles are counted by. */
struct strip_styles {
    struct grouping first, all; /* first: of the options; no groups: none */
};

/* That of the group's curves: its place among the first ones, else behind them among all. */
static int style_of(const struct strip_styles *s, const struct group *group)
{
    const struct group *first = s->first.groups > 0 ? group_find(&s->first, group) : NULL;
    return (int)(first ? (size_t)(first - s->first.group)
                       : s->first.groups + (size_t)(group_find(&s->all, group) - s->all.group));
}

/* Where a row is drawn, and what of its runs. */
struct strip_place {
    const struct measure *measure;
    int style;
    double y;
    struct axes *axes;
    struct curve *curve; /* of the axes */
};
typedef void row_drawer(struct plot *p, const struct strip_row *r, const struct strip_place *to);

static void add_curve(const struct strip_place *to, struct curve c)
{
    c.style = to->style;
    to->curve[to->axes->curves++] = c;
}

/* Each run a dot, beside one another; the mean a dot on the line of its 95 % interval. */
static void add_row(struct plot *p, const struct strip_row *r, const struct strip_place *to)
{
    const struct measure *m = to->measure;
    const struct group *g = r->group;
    const char *label = plot_label(p->a, g);
    double *v = arena_alloc(p->a, 2 * (g->n + 1) * sizeof *v), *at = v + g->n;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if (g->run[i]->status == STATUS_COMPLETED && isfinite(measure_value(m, g->run[i])))
            v[n++] = measure_value(m, g->run[i]);
    for (size_t i = 0; i < n; i++)
        at[i] = to->y + (n > 1 ? 0.36 * ((double)i / (double)(n - 1) - 0.5) : 0);
    double *mean = arena_alloc(p->a, 6 * sizeof *mean);
    mean[0] = r->sample.low;
    mean[1] = r->sample.high;
    mean[2] = r->sample.mean;
    mean[3] = mean[4] = mean[5] = to->y;
    add_curve(
        to, (struct curve){.name = label, .x = v, .y = at, .n = n, .points = true, .faint = true});
    add_curve(to, (struct curve){.name = arena_printf(p->a, "%s, 95 %% interval", label),
                                 .x = mean,
                                 .y = mean + 3,
                                 .n = isnan(r->sample.low) ? 0 : 2, /* a single run alone */
                                 .bare = true});
    add_curve(to, (struct curve){.name = arena_printf(p->a, "%s, mean", label),
                                 .x = mean + 2,
                                 .y = mean + 3,
                                 .n = 1,
                                 .points = true});
}

/* The box from the first to the third quartile, the median across it, and lines to the farthest
 * runs within 1.5 times its length (Tukey 1977); each run a pale dot. */
static void add_box(struct plot *p, const struct strip_row *r, const struct strip_place *to)
{
    const struct stats_sample *s = &r->sample;
    const char *label = plot_label(p->a, r->group);
    double y = to->y;
    add_row(p, r, to);
    to->axes->curves -= 2; /* the dots alone */
    if (s->n == 0)
        return;
    const struct curve *dots = &to->curve[to->axes->curves - 1];
    double q1 = s->quartile[0], q3 = s->quartile[2], reach = 1.5 * (q3 - q1), low = q1, high = q3,
           half = 0.3, gap = (double)NAN;
    for (size_t i = 0; i < dots->n; i++) {
        low = dots->x[i] >= q1 - reach ? fmin(low, dots->x[i]) : low;
        high = dots->x[i] <= q3 + reach ? fmax(high, dots->x[i]) : high;
    }
    const double line[] = {low, q1, gap, q1, q1, q3, q3, q1, gap, q3, high};
    const double up[] = {y, y, gap, y - half, y + half, y + half, y - half, y - half, gap, y, y};
    enum { POINTS = sizeof line / sizeof line[0] };
    double *at = arena_alloc(p->a, (2 * POINTS + 4) * sizeof *at), *median = at + 2 * POINTS;
    memcpy(at, line, sizeof line);
    memcpy(at + POINTS, up, sizeof up);
    median[0] = median[1] = s->quartile[1];
    median[2] = y - half;
    median[3] = y + half;
    add_curve(to, (struct curve){.name = arena_printf(p->a, "%s, quartiles", label),
                                 .x = at,
                                 .y = at + POINTS,
                                 .n = POINTS,
                                 .bare = true,
                                 .solid = true});
    add_curve(to, (struct curve){.name = arena_printf(p->a, "%s, median", label),
                                 .x = median,
                                 .y = median + 2,
                                 .n = 2,
                                 .bare = true});
}

/* The width of the kernel, by Silverman 1986 (3.31), in place of v's spread; 0: all are equal. */
static double kernel_width(const double *v, size_t n)
{
    struct stats_sample s = stats_summarize(v, n);
    double middle = (s.quartile[2] - s.quartile[0]) / 1.34,
           spread = middle > 0 ? fmin(s.sd, middle) : s.sd;
    return n > 1 && isfinite(spread) ? 0.9 * spread * pow((double)n, -0.2) : 0;
}

enum { DENSITY = 128 }; /* points of an outline */

/* On both sides of the row's line the density of n > 1 runs, smoothed, from the least to the most
 * of them; as far from it as all others where it is highest. v: logarithms on such an axis. */
static struct curve density(struct arena *a, const double *v, size_t n, double width, double y,
                            bool is_log)
{
    double *at = arena_alloc(a, 4 * DENSITY * sizeof *at), *middle = at + DENSITY,
           *below = middle + DENSITY, *above = below + DENSITY;
    struct stats_sample s = stats_summarize(v, n);
    double most = 0;
    for (size_t k = 0; k < DENSITY; k++) {
        double here = s.least + (s.most - s.least) * (double)k / (DENSITY - 1);
        at[k] = is_log ? exp(here) : here;
        middle[k] = y;
        above[k] = 0;
        for (size_t i = 0; i < n; i++)
            above[k] += exp(-0.5 * pow((here - v[i]) / width, 2));
        most = fmax(most, above[k]);
    }
    for (size_t k = 0; k < DENSITY; k++) {
        double half = 0.4 * above[k] / most;
        below[k] = y - half;
        above[k] = y + half;
    }
    return (struct curve){.x = at,
                          .y = middle,
                          .low = below,
                          .high = above,
                          .n = DENSITY,
                          .bare = true,
                          .faint = true};
}

/* The runs' density (Hintze and Nelson 1998), on its line median and quartiles, each run a pale
 * dot; of so few runs that they say all, or of equal ones, a row of a strip plot. */
static void add_violin(struct plot *p, const struct strip_row *r, const struct strip_place *to)
{
    enum { FEW = 5 };
    const char *label = plot_label(p->a, r->group);
    bool is_log = to->axes->x_log;
    add_row(p, r, to);
    const struct curve *dots = &to->curve[to->axes->curves - 3];
    double *v = arena_alloc(p->a, (dots->n + 7) * sizeof *v), *box = v + dots->n;
    size_t n = 0;
    for (size_t i = 0; i < dots->n; i++)
        if (!is_log || dots->x[i] > 0)
            v[n++] = is_log ? log(dots->x[i]) : dots->x[i];
    double width = kernel_width(v, n);
    if (n <= FEW || !(width > 0))
        return;
    struct curve shape = density(p->a, v, n, width, to->y, is_log);
    shape.name = arena_printf(p->a, "%s, density", label);
    box[0] = r->sample.quartile[0];
    box[1] = r->sample.quartile[2];
    box[2] = r->sample.quartile[1];
    box[3] = box[4] = box[5] = to->y;
    to->axes->curves -= 2; /* the dots alone */
    add_curve(to, shape);
    add_curve(to, (struct curve){.name = arena_printf(p->a, "%s, quartiles", label),
                                 .x = box,
                                 .y = box + 3,
                                 .n = 2,
                                 .bare = true});
    add_curve(to, (struct curve){.name = arena_printf(p->a, "%s, median", label),
                                 .x = box + 2,
                                 .y = box + 3,
                                 .n = 1,
                                 .points = true});
}

static row_drawer *const drawer[PLOT_KINDS] = {
    [PLOT_STRIP] = add_row, [PLOT_BOX] = add_box, [PLOT_VIOLIN] = add_violin};

/* All runs and all intervals, but no more than 100 %. */
static const double *strip_range(struct arena *a, const struct measure *m,
                                 const struct strip_row *row, size_t rows, bool log)
{
    double *v = arena_alloc(a, (4 * rows + 1) * sizeof *v);
    for (size_t i = 0; i < rows; i++) {
        const struct stats_sample *s = &row[i].sample;
        v[4 * i] = measure_is_share(m) ? fmax(s->low, 0) : s->low;
        v[4 * i + 1] = measure_is_share(m) ? fmin(s->high, 1) : s->high;
        v[4 * i + 2] = s->least;
        v[4 * i + 3] = s->most;
        if (s->n < 2)
            v[4 * i] = v[4 * i + 1] = s->mean;
    }
    return plot_range(a, v, 4 * rows, log);
}

/* The rows of some of the runs, the best on top, in the styles that they have among all. */
static bool add_strip(struct plot *p, const struct collection *c, const struct strip_styles *styles,
                      const struct measure *m, const char *title, struct error *err)
{
    struct grouping g;
    if (!group_by(p->a, c, p->key, p->keys, &g, err))
        return false;
    struct strip_row *row = arena_alloc(p->a, (g.groups + 1) * sizeof *row);
    const char **name = arena_alloc(p->a, (g.groups + 1) * sizeof *name);
    struct curve *curve = arena_alloc(p->a, (4 * g.groups + 1) * sizeof *curve);
    struct stats_sample *sample = arena_alloc(p->a, (g.groups + 1) * sizeof *sample);
    group_samples(&g, m, sample);
    for (size_t i = 0; i < g.groups; i++)
        row[i] = (struct strip_row){&g.group[i], sample[i], i, metric_rises(m->metric)};
    if (g.groups > 1)
        qsort(row, g.groups, sizeof *row, compare_rows);
    struct axes x = {.title = title,
                     .x_label = plot_metric_label(p->a, m),
                     .x_percent = measure_is_share(m),
                     .rows = g.groups,
                     .row = name,
                     .x_log = plot_log(p->o, 'x', !measure_is_share(m))};
    for (size_t i = 0; i < g.groups; i++) {
        name[i] = plot_label(p->a, row[i].group);
        const struct strip_place to = {m, style_of(styles, row[i].group), (double)i + 1, &x, curve};
        drawer[p->o->kind](p, &row[i], &to);
    }
    x.x_range = strip_range(p->a, m, row, g.groups, x.x_log);
    x.curve = curve;
    p->panel[p->panels++] = x;
    return true;
}

/* Each panel has its own range: the accuracies of different problems are not comparable. */
bool plot_strip(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping parts;
    struct strip_styles styles = {0};
    struct measure m = plot_measure(p, c);
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &styles.all, err) ||
        !(!p->o->first || group_by(p->a, p->o->first, p->key, p->keys, &styles.first, err)) ||
        !group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err))
        return false;
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        if (!add_strip(p, &part, &styles, &m, parts.groups > 1 ? parts.group[i].label : NULL, err))
            return false;
    }
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    return true;
}
