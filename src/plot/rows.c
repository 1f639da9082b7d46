/* A row per group. */
#include "plot/rows.h"
#include "figure/figure.h"
#include <stdlib.h>
#include <string.h>

/* The one that leads last: it is the highest row. */
static int compare_rows(const void *a, const void *b)
{
    const struct plot_row *x = a, *y = b;
    bool p = group_lost(x->group), q = group_lost(y->group);
    if (stats_leads(&x->sample, p, &y->sample, q, x->rises))
        return 1;
    if (stats_leads(&y->sample, q, &x->sample, p, x->rises))
        return -1;
    return x->index < y->index ? 1 : -1;
}

/* How all panels are drawn. */
struct row_form {
    struct grouping first, all; /* what styles are counted by; first: of the options, no groups:
                                   none */
    struct measure measure;
    plot_row_drawer *draw;
};

/* That of the group's curves: its place among the first ones, else behind them among all. */
static int style_of(const struct row_form *s, const struct group *group)
{
    const struct group *first = s->first.groups > 0 ? group_find(&s->first, group) : NULL;
    return (int)(first ? (size_t)(first - s->first.group)
                       : s->first.groups + (size_t)(group_find(&s->all, group) - s->all.group));
}

void plot_add_to_row(const struct plot_row_place *to, struct curve c)
{
    c.style = to->style;
    to->curve[to->axes->curves++] = c;
}

void plot_row_of_runs(struct plot *p, const struct plot_row *r, const struct plot_row_place *to)
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
    plot_add_to_row(
        to, (struct curve){.name = label, .x = v, .y = at, .n = n, .points = true, .faint = true});
    plot_add_to_row(to, (struct curve){.name = arena_printf(p->a, "%s, 95 %% interval", label),
                                       .x = mean,
                                       .y = mean + 3,
                                       .n = isnan(r->sample.low) ? 0 : 2, /* a single run alone */
                                       .bare = true});
    plot_add_to_row(to, (struct curve){.name = arena_printf(p->a, "%s, mean", label),
                                       .x = mean + 2,
                                       .y = mean + 3,
                                       .n = 1,
                                       .points = true});
}

/* All runs and all intervals, but no more than 100 %. */
static const double *rows_range(struct arena *a, const struct measure *m,
                                const struct plot_row *row, size_t rows, bool log)
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
static bool add_rows(struct plot *p, const struct collection *c, const struct row_form *form,
                     const char *title, struct error *err)
{
    const struct measure *m = &form->measure;
    struct grouping g;
    if (!group_by(p->a, c, p->key, p->keys, &g, err))
        return false;
    struct plot_row *row = arena_alloc(p->a, (g.groups + 1) * sizeof *row);
    const char **name = arena_alloc(p->a, (g.groups + 1) * sizeof *name);
    struct curve *curve = arena_alloc(p->a, (4 * g.groups + 1) * sizeof *curve);
    struct stats_sample *sample = arena_alloc(p->a, (g.groups + 1) * sizeof *sample);
    group_samples(&g, m, sample);
    for (size_t i = 0; i < g.groups; i++)
        row[i] = (struct plot_row){&g.group[i], sample[i], i, metric_rises(m->metric)};
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
        const struct plot_row_place to = {m, style_of(form, row[i].group), (double)i + 1, &x,
                                          curve};
        form->draw(p, &row[i], &to);
    }
    x.x_range = rows_range(p->a, m, row, g.groups, x.x_log);
    x.curve = curve;
    p->panel[p->panels++] = x;
    return true;
}

/* Each panel has its own range: the accuracies of different problems are not comparable. */
bool plot_rows(struct plot *p, const struct collection *c, plot_row_drawer *draw, struct error *err)
{
    struct grouping parts;
    struct row_form form = {.measure = plot_measure(p, c), .draw = draw};
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &form.all, err) ||
        !(!p->o->first || group_by(p->a, p->o->first, p->key, p->keys, &form.first, err)) ||
        !group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err))
        return false;
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        if (!add_rows(p, &part, &form, parts.groups > 1 ? parts.group[i].label : NULL, err))
            return false;
    }
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    return true;
}
