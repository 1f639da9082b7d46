/* Two keys along the axes, a figure as colours. */
#include "figure/figure.h"
#include "plot/plot.h"
#include "util/log.h"
#include <string.h>

static const char *cell_note(struct arena *a, const struct group *g)
{
    struct strbuf b;
    strbuf_init(&b);
    for (int s = STATUS_DIVERGED; s < STATUSES_OF_STUDIES; s++)
        if (g->status[s] == g->n)
            strbuf_add(&b, status_names[s]);
        else if (g->status[s] > 0)
            strbuf_addf(&b, "%s%zu %s", b.length ? ", " : "", g->status[s], status_names[s]);
    const char *note = b.length ? arena_strdup(a, b.text) : NULL;
    strbuf_fini(&b);
    return note;
}

/* The groups along the two axes, and those of both keys. */
struct heat_cells {
    struct grouping x, y, both;
};

/* The columns' names, and where they lie: NULL where not all are numbers. */
static void name_axes(struct arena *a, const struct heat_cells *c, struct heat_map *h)
{
    double *along = arena_alloc(a, h->columns * sizeof *along);
    const char **column = arena_alloc(a, h->columns * sizeof *column),
               **row = arena_alloc(a, h->rows * sizeof *row);
    bool numbers = true;
    for (size_t i = 0; i < h->columns; i++) {
        const struct collected_value *v = c->x.group[i].value[0];
        column[i] = plot_value_label(&c->x.group[i]);
        numbers &= v && v->type == EXPR_NUMBER;
        along[i] = v ? v->number : (double)NAN;
    }
    for (size_t i = 0; i < h->rows; i++)
        row[i] = plot_value_label(&c->y.group[i]);
    h->column = column;
    h->row = row;
    h->x = numbers ? along : NULL;
}

static void fill_cells(struct arena *a, const struct heat_cells *c, const struct measure *m,
                       struct heat_map *h)
{
    size_t n = h->columns * h->rows;
    double *value = arena_alloc(a, n * sizeof *value);
    bool *lost_all = arena_alloc(a, n * sizeof *lost_all);
    const char **note = arena_alloc(a, n * sizeof *note);
    const struct group *best = NULL;
    struct stats_sample its;
    bool chooses = !metric_is_test(m->metric);
    h->best = n;
    for (size_t i = 0; i < n; i++) {
        struct collected_value const *pair[2] = {c->x.group[i % h->columns].value[0],
                                                 c->y.group[i / h->columns].value[0]};
        struct group like = {.value = pair};
        const struct group *g = group_find(&c->both, &like);
        struct stats_sample s = g ? group_sample(g, m) : stats_summarize(NULL, 0);
        value[i] = s.mean;
        note[i] = g ? cell_note(a, g) : NULL;
        lost_all[i] = g && group_lost(g);
        if (chooses && s.n > 0 &&
            (!best || group_leads(g, &s, best, &its, metric_rises(m->metric)))) {
            h->best = i;
            best = g;
            its = s;
        }
    }
    h->value = value;
    h->note = note;
    h->cross = lost_all;
}

static bool add_heat(struct plot *p, const struct collection *c, const struct measure *m,
                     const char *title, struct error *err)
{
    struct heat_cells cells;
    struct arena *a = p->a;
    char *by[] = {p->over[0], p->over[1]};
    if (!group_runs(a, c, by, 1, &cells.x, err) || !group_runs(a, c, by + 1, 1, &cells.y, err) ||
        !group_runs(a, c, by, 2, &cells.both, err))
        return false;
    struct heat_map *h = arena_alloc(a, sizeof *h);
    *h = (struct heat_map){.columns = cells.x.groups,
                           .rows = cells.y.groups,
                           .label = plot_metric_label(a, m),
                           .range = p->o->range,
                           .log = plot_log(p->o, 'y', !measure_is_share(m))};
    name_axes(a, &cells, h);
    fill_cells(a, &cells, m, h);
    p->panel[p->panels++] = (struct axes){.title = title,
                                          .x_label = plot_key_label(a, p->over[0]),
                                          .y_label = plot_key_label(a, p->over[1]),
                                          .y_percent = measure_is_share(m),
                                          .heat = h};
    return true;
}

/* All panels have the same colours for the same values. */
static void share_colours(struct plot *p)
{
    double *range = arena_alloc(p->a, 2 * sizeof *range);
    struct heat_map *h = arena_alloc(p->a, (p->panels + 1) * sizeof *h);
    range[0] = HUGE_VAL;
    range[1] = -HUGE_VAL;
    for (size_t i = 0; i < p->panels; i++) {
        h[i] = *p->panel[i].heat;
        for (size_t k = 0; k < h[i].rows * h[i].columns; k++)
            if (isfinite(h[i].value[k]) && (!h[i].log || h[i].value[k] > 0)) {
                range[0] = fmin(range[0], h[i].value[k]);
                range[1] = fmax(range[1], h[i].value[k]);
            }
    }
    for (size_t i = 0; i < p->panels && range[0] < range[1]; i++) {
        h[i].range = range;
        p->panel[i].heat = &h[i];
    }
}

/* The keys in which runs of one cell differ: those of the axes and panels hold them apart. */
static bool tell_mixed(struct plot *p, const struct collection *c, char *const *panels, size_t n,
                       struct error *err)
{
    struct grouping cells;
    char **key = arena_alloc(p->a, (n + 2) * sizeof *key);
    for (size_t i = 0; i < n; i++)
        key[i] = panels[i];
    key[n] = p->over[0];
    key[n + 1] = p->over[1];
    if (!group_by(p->a, c, key, n + 2, &cells, err))
        return false;
    const char *mixed = group_mixes(p->a, &cells, c);
    if (mixed)
        log_info("cells mix runs that differ in %s too: --panels tells them apart", mixed);
    return true;
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    static const char *const first[] = {"optimizer.lr", "train.batch_size", NULL};
    struct grouping parts;
    struct measure m = plot_measure(p, c);
    if (!plot_choose_over(p, c, first, 2, err))
        return false;
    /* As the axes are mostly read: the learning rate along x. */
    if (p->o->n_over == 0 && strcmp(p->over[1], "optimizer.lr") == 0) {
        char *other = p->over[0];
        p->over[0] = p->over[1];
        p->over[1] = other;
    }
    if (!plot_curve_keys(p, c, err))
        return false;
    char **by = p->o->n_panels > 0 ? p->o->panels : p->key;
    size_t n = p->o->n_panels > 0 ? p->o->n_panels : p->keys;
    if (!group_by(p->a, c, by, n, &parts, err) || (p->o->tells && !tell_mixed(p, c, by, n, err)))
        return false;
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        if (!add_heat(p, &part, &m, parts.groups > 1 ? parts.group[i].label : NULL, err))
            return false;
    }
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    if (parts.groups > 1 && !p->o->range)
        share_colours(p);
    return true;
}

const struct plot_kind plot_heatmap = {
    .name = "heatmap",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_GROUP_BY | PLOT_TAKES_OVER | PLOT_TAKES_PANELS |
             PLOT_TAKES_LOG | PLOT_TAKES_RANGE,
    .values = PLOT_VALUES_AS_COLOURS,
};
