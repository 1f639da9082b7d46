/* Figures against epochs, updates or seconds. */
#include "figure/figure.h"
#include "plot/plot.h"
#include <string.h>

/* ---- reading ---- */

/* A run's history with what the axis needs of it. */
static bool read_history(struct plot *p, const struct collected_run *r, struct run_history *ret,
                         struct error *err)
{
    double *time = NULL;
    if (!run_history_read(p->a, r->folder, ret, err) ||
        (p->o->x == RUN_SECONDS && !collect_times(p->a, r, ret->row, ret->n, &time, err)))
        return false;
    ret->time = time;
    return true;
}

/* A row tells of the epoch before it: its value stands where that began. */
static void hold(struct run_series *s)
{
    for (size_t i = 0; i + 1 < s->n; i++)
        s->y[i] = s->y[i + 1];
}

/* A column of a run: of steps.csv against updates where it has one. */
static bool read_track(struct plot *p, const struct collected_run *r, enum metric m, bool held,
                       struct run_series *ret, struct error *err)
{
    struct run_history h;
    if (p->o->x == RUN_UPDATES) {
        struct run_steps steps;
        if (!run_read_steps(p->a, r->folder, m, &steps, err))
            return false;
        *ret = (struct run_series){steps.n, steps.step, steps.value};
        if (ret->n > 0)
            return true;
    }
    *ret = (struct run_series){0};
    bool may_lack =
        r->status == STATUS_OPEN || r->status == STATUS_FAILED; /* not begun, or unable to */
    if (may_lack && !folder_has(r->folder, FOLDER_EPOCHS))
        return true;
    if (!read_history(p, r, &h, err))
        return false;
    *ret = run_series(p->a, &h, p->o->x, m);
    if (held)
        hold(ret);
    if (metric_rises(m) && p->beyond_first)
        *ret = ret->n > 1 ? run_series_trained(*ret) : (struct run_series){0};
    return true;
}

/* ---- a group as one curve ---- */

/* A group's mean, and where the set of runs that it is taken over changes. */
struct mean {
    struct curve curve;
    size_t *changed; /* its points there */
    const char **change;
    size_t changes;
};

static void add_change(struct plot *p, struct mean *m, size_t i, size_t there, size_t runs)
{
    m->changed[m->changes] = i;
    m->change[m->changes++] = arena_printf(p->a, "%zu of %zu runs", there, runs);
}

static size_t runs_there(const struct run_series *t, size_t runs, size_t row)
{
    size_t n = 0;
    for (size_t i = 0; i < runs; i++)
        n += t[i].n > row;
    return n;
}

/* A group's runs as they are drawn. */
struct tracks {
    struct run_series *t;
    size_t runs;
    bool whole; /* none of the group's runs diverged */
};

/* Of the runs that got to a row: what they have there. */
static size_t values_at(const struct tracks *g, size_t row, double *ret_x, double *ret_y)
{
    size_t there = 0;
    for (size_t i = 0; i < g->runs; i++)
        if (g->t[i].n > row) {
            ret_x[there] = g->t[i].x[row];
            ret_y[there++] = g->t[i].y[row];
        }
    return there;
}

static size_t rows_of(const struct tracks *g)
{
    size_t most = 0;
    for (size_t i = 0; i < g->runs; i++)
        most = g->t[i].n > most ? g->t[i].n : most;
    return most;
}

/* A curve goes as far as at least half of the runs do. */
static bool is_shown(const struct tracks *g, size_t row)
{
    return rows_of(g) > row && 2 * runs_there(g->t, g->runs, row) >= g->runs;
}

/* Row by row what the deviations of n groups have in common, for their intervals; NULL: these are
 * not drawn. */
static const struct stats_pooled *pool_rows(struct plot *p, const struct tracks *g, size_t n)
{
    size_t most = 0, runs = 0;
    if (p->o->band != PLOT_INTERVAL)
        return NULL;
    for (size_t k = 0; k < n; k++) {
        most = rows_of(&g[k]) > most ? rows_of(&g[k]) : most;
        runs = g[k].runs > runs ? g[k].runs : runs;
    }
    struct stats_pooled *pooled = arena_alloc(p->a, (most + 1) * sizeof *pooled);
    struct stats_sample *s = arena_alloc(p->a, (n + 1) * sizeof *s);
    double *x = arena_alloc(p->a, 2 * (runs + 1) * sizeof *x), *y = x + runs;
    for (size_t row = 0; row < most; row++) {
        size_t whole = 0;
        for (size_t k = 0; k < n; k++)
            if (g[k].whole && is_shown(&g[k], row))
                s[whole++] = stats_spread(y, values_at(&g[k], row, x, y));
        pooled[row] = stats_pool(s, whole);
    }
    return pooled;
}

/* The figures of a row that the band needs. */
static struct stats_sample sample_at(const struct plot *p, const double *v, size_t n,
                                     const struct stats_pooled *pooled, bool share)
{
    bool costly = p->o->band == PLOT_INTERVAL || p->o->band == PLOT_QUARTILES;
    struct stats_sample s = costly && n > 1 ? stats_summarize(v, n) : stats_spread(v, n);
    if (pooled)
        group_take_interval(&s, pooled, share);
    return s;
}

/* Row by row over the runs that got so far, while at least half of them did. pooled: of each row,
 * or NULL. */
static struct mean mean_of(struct plot *p, const struct tracks *g,
                           const struct stats_pooled *pooled, bool share)
{
    size_t most = rows_of(g), n = 0, before = g->runs;
    double *x = arena_alloc(p->a, 4 * (most + 1) * sizeof *x), *y = x + most, *low = y + most,
           *high = low + most;
    double *at = arena_alloc(p->a, 2 * (g->runs + 1) * sizeof *at), *v = at + g->runs;
    bool any = false;
    struct mean m = {.curve = {.x = x, .y = y},
                     .changed = arena_alloc(p->a, (g->runs + 2) * sizeof(size_t)),
                     .change = arena_alloc(p->a, (g->runs + 2) * sizeof(char *))};
    for (; n < most && is_shown(g, n); n++) {
        size_t there = values_at(g, n, at, v);
        struct stats_sample s = sample_at(p, v, there, pooled ? &pooled[n] : NULL, share);
        x[n] = stats_spread(at, there).mean;
        y[n] = s.mean;
        plot_band(p, &s, &low[n], &high[n]);
        any |= isfinite(low[n]) != 0;
        if (there < before && n > 0)
            add_change(p, &m, n, there, g->runs);
        before = there;
    }
    if (n > 0 && n < most) { /* it ends where most runs have ended */
        add_change(p, &m, n - 1, before, g->runs);
        m.change[m.changes - 1] = "most runs end here";
    }
    m.curve.n = n;
    if (any) {
        m.curve.low = low;
        m.curve.high = high;
    }
    return m;
}

/* ---- groups ---- */

static bool is_drawn(const struct group *g, const struct collected_run *r)
{
    /* Runs that diverged would spoil the mean; but if there are no others, they are drawn. */
    size_t others = g->n - g->status[STATUS_DIVERGED] - g->status[STATUS_FAILED];
    return others == 0 || !status_is_lost(r->status);
}

/* A group on its way into curves. */
struct drawing {
    struct plot *plot;
    const char *label; /* in the legend; "": no entry */
    int style;
    bool steps; /* a setting that holds for whole epochs */
    bool share; /* of an accuracy */
    struct curve *to;
    size_t *n; /* curves of `to` so far */
};

/* Whether no schedule of the runs changes what it moves from update to update. */
static bool changes_by_epochs(const struct collection *c, const struct group *g)
{
    for (size_t k = 0; k < c->keys; k++) {
        size_t n = strlen(c->key[k]);
        if (strncmp(c->key[k], "scheduler.", 10) != 0 || n < 9 ||
            strcmp(c->key[k] + n - 9, ".interval") != 0)
            continue;
        for (size_t i = 0; i < g->n; i++) {
            const struct collected_value *v = g->run[i]->value[k];
            if (v && strcmp(v->text, "step") == 0)
                return false;
        }
    }
    return true;
}

static const char *name_of(const struct drawing *d)
{
    return d->label[0] ? d->label : "all runs";
}

static void add_curve(const struct drawing *d, struct curve c)
{
    c.style = d->style;
    d->to[(*d->n)++] = c;
}

/* Each run of the group, pale. */
static void add_runs(const struct drawing *d, const struct run_series *t, size_t runs)
{
    struct plot *p = d->plot;
    for (size_t i = 0; i < runs && runs > 1 && p->o->band == PLOT_RUNS; i++) {
        struct curve c = {.x = t[i].x,
                          .y = p->o->smooth > 1 ? plot_smoothed(p, t[i].y, t[i].n) : t[i].y,
                          .n = t[i].n,
                          .faint = true,
                          .steps = d->steps,
                          .name = arena_printf(p->a, "%s, run %zu", name_of(d), i + 1)};
        figure_thin(p->a, &c, false);
        add_curve(d, c);
    }
}

/* On the drawn curve, smoothed where that is. */
static struct curve changes_of(const struct drawing *d, const struct mean *m, const struct curve *c)
{
    struct arena *a = d->plot->a;
    double *x = arena_alloc(a, (m->changes + 1) * sizeof *x),
           *y = arena_alloc(a, (m->changes + 1) * sizeof *y);
    for (size_t i = 0; i < m->changes; i++) {
        x[i] = c->x[m->changed[i]];
        y[i] = c->y[m->changed[i]];
    }
    return (struct curve){.x = x,
                          .y = y,
                          .n = m->changes,
                          .points = true,
                          .symbol = SYMBOL_OPEN,
                          .note = m->change,
                          .name = arena_printf(a, "%s, fewer runs from here on", name_of(d))};
}

static void add_mean(const struct drawing *d, const struct mean *m)
{
    struct plot *p = d->plot;
    struct curve c = m->curve;
    if (p->o->smooth > 1 && c.n > 0) {
        struct curve raw = {.x = c.x,
                            .y = c.y,
                            .n = c.n,
                            .faint = true,
                            .name = arena_printf(p->a, "%s, unsmoothed", name_of(d))};
        figure_thin(p->a, &raw, false);
        if (p->o->band != PLOT_RUNS)
            add_curve(d, raw);
        c.y = plot_smoothed(p, c.y, c.n);
        c.low = c.low ? plot_smoothed(p, c.low, c.n) : NULL;
        c.high = c.high ? plot_smoothed(p, c.high, c.n) : NULL;
    }
    struct curve changes = changes_of(d, m, &c);
    c.label = d->label[0] ? d->label : NULL;
    c.name = "all runs";
    c.steps = c.dashed = d->steps;
    figure_thin(p->a, &c, p->o->smooth > PLOT_SMOOTH);
    add_curve(d, c);
    if (changes.n > 0)
        add_curve(d, changes);
}

/* Where each of the runs that diverged ended: on the group's mean, which is theirs alone. */
static void add_ends(const struct drawing *d, const struct group *g, const struct run_series *t,
                     size_t runs)
{
    struct arena *a = d->plot->a;
    if (g->status[STATUS_DIVERGED] == 0 || g->status[STATUS_DIVERGED] < g->n)
        return;
    double *x = arena_alloc(a, (runs + 1) * sizeof *x), *y = arena_alloc(a, (runs + 1) * sizeof *y);
    size_t k = 0;
    for (size_t i = 0; i < runs; i++)
        if (t[i].n > 0) {
            x[k] = t[i].x[t[i].n - 1];
            y[k++] = t[i].y[t[i].n - 1];
        }
    add_curve(d, (struct curve){.x = x,
                                .y = y,
                                .n = k,
                                .points = true,
                                .symbol = SYMBOL_CROSS,
                                .name = arena_printf(a, "%s, diverged", name_of(d))});
}

static size_t most_curves(const struct group *g)
{
    return g->n + 4;
}

static bool read_tracks(struct plot *p, const struct group *g, enum metric m, bool held,
                        struct tracks *ret, struct error *err)
{
    *ret = (struct tracks){.t = arena_alloc(p->a, (g->n + 1) * sizeof *ret->t),
                           .whole = g->status[STATUS_DIVERGED] == 0};
    for (size_t i = 0; i < g->n; i++)
        if (is_drawn(g, g->run[i])) {
            if (!read_track(p, g->run[i], m, held, &ret->t[ret->runs], err)) {
                err->code = ERR_DATA;
                return false;
            }
            ret->runs += ret->t[ret->runs].n > 0;
        }
    return true;
}

/* pooled: of pool_rows. */
static void add_group(const struct drawing *d, const struct group *g, const struct tracks *of,
                      const struct stats_pooled *pooled)
{
    add_runs(d, of->t, of->runs);
    struct mean mean = mean_of(d->plot, of, pooled, d->share);
    if (g->status[STATUS_DIVERGED] == g->n)
        mean.changes = 0; /* their ends are shown */
    add_mean(d, &mean);
    add_ends(d, g, of->t, of->runs);
}

static bool has_any(const struct curve *c, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < c[k].n; i++)
            if (isfinite(c[k].y[i]))
                return true;
    return false;
}

static struct axes axes_of(struct plot *p, const struct measure *m)
{
    bool share = measure_is_share(m);
    return (struct axes){.x_label = run_axis_labels[p->o->x],
                         .y_label = plot_smooth_label(p, plot_metric_label(p->a, m)),
                         .x_log = plot_log(p->o, 'x', false),
                         .y_log = plot_log(p->o, 'y', !share && !metric_is_scheduled(m->metric)),
                         .y_percent = share,
                         .x_whole = p->o->x != RUN_SECONDS};
}

/* ---- one group: its splits are told apart by colour ---- */

static bool add_splits(struct plot *p, const struct group *g, bool accuracy, struct error *err)
{
    struct curve *curve = arena_alloc(p->a, SPLITS * most_curves(g) * sizeof *curve);
    struct measure first = {accuracy ? METRIC_TRAIN_ACCURACY : METRIC_TRAIN_LOSS, false};
    struct axes x = axes_of(p, &first);
    for (int i = 0; i < SPLITS; i++) {
        size_t before = x.curves;
        const struct drawing d = {.plot = p,
                                  .label = split_info[i].images,
                                  .style = i,
                                  .share = accuracy,
                                  .to = curve,
                                  .n = &x.curves};
        struct tracks own;
        if (!read_tracks(p, g, accuracy ? split_info[i].accuracy : split_info[i].loss, false, &own,
                         err))
            return false;
        add_group(&d, g, &own, pool_rows(p, &own, 1));
        if (!has_any(curve + before, x.curves - before))
            x.curves = before;
    }
    x.y_label = plot_smooth_label(p, accuracy ? "accuracy" : "cross entropy");
    x.curve = curve;
    p->panel[p->panels++] = x;
    return true;
}

static bool pair_of_one(struct plot *p, const struct group *g, struct error *err)
{
    p->panel = arena_alloc(p->a, 2 * sizeof *p->panel);
    p->columns = 2;
    if (!add_splits(p, g, false, err) || !add_splits(p, g, true, err))
        return false;
    struct run_history h;
    if (g->n != 1 || g->run[0]->status == STATUS_OPEN)
        return true;
    if (!read_history(p, g->run[0], &h, err))
        return false;
    for (size_t i = 0; i < p->panels; i++)
        p->panel[i].marks =
            run_event_marks(p->a, &h, p->o->x, g->run[0]->best_epoch, &p->panel[i].mark);
    return true;
}

/* ---- many groups ---- */

/* Whether it is a setting that holds for whole epochs. */
static bool is_held(const struct collection *c, const struct group *g, const struct measure *m)
{
    return metric_is_scheduled(m->metric) && changes_by_epochs(c, g);
}

/* Every group has its style and its place in the legend in every panel, whether it has runs there
 * or not. */
static bool add_panel(struct plot *p, const struct collection *c, const struct grouping *all,
                      const struct measure *m, const char *title, struct error *err)
{
    struct grouping here;
    if (!group_by(p->a, c, p->key, p->keys, &here, err))
        return false;
    size_t most = 1;
    for (size_t i = 0; i < all->groups; i++)
        most += most_curves(&all->group[i]);
    struct curve *curve = arena_alloc(p->a, most * sizeof *curve);
    struct axes x = axes_of(p, m);
    struct tracks *of = arena_alloc(p->a, (all->groups + 1) * sizeof *of);
    for (size_t i = 0; i < all->groups; i++) {
        const struct group *g = group_find(&here, &all->group[i]);
        of[i] = (struct tracks){0};
        if (g && !read_tracks(p, g, m->metric, is_held(c, g, m), &of[i], err))
            return false;
    }
    const struct stats_pooled *pooled = pool_rows(p, of, all->groups);
    for (size_t i = 0; i < all->groups; i++) {
        const struct group *g = group_find(&here, &all->group[i]);
        const char *label = plot_label(p->a, &all->group[i]);
        const struct drawing d = {.plot = p,
                                  .label = label,
                                  .style = (int)i,
                                  .steps = g && is_held(c, g, m),
                                  .share = measure_is_share(m),
                                  .to = curve,
                                  .n = &x.curves};
        if (!g)
            add_curve(&d, (struct curve){.label = label[0] ? label : NULL});
        else
            add_group(&d, g, &of[i], pooled);
    }
    x.title = title;
    x.curve = curve;
    p->panel[p->panels++] = x;
    return true;
}

/* Training loss and, where there is a validation set, its accuracy. */
static size_t default_pair(const struct collection *c, struct measure m[2])
{
    bool valid = comparison_default_measure(c).metric == METRIC_VALID_ACCURACY;
    for (size_t i = 0; i < c->runs && !valid; i++)
        valid = isfinite(c->run[i].final[METRIC_VALID_ACCURACY]) ||
                isfinite(c->run[i].best[METRIC_VALID_ACCURACY]);
    m[0] = (struct measure){METRIC_TRAIN_LOSS, false};
    m[1] = (struct measure){valid ? METRIC_VALID_ACCURACY : METRIC_TRAIN_ACCURACY, false};
    return 2;
}

static bool add_panels(struct plot *p, const struct collection *c, const struct grouping *all,
                       struct error *err)
{
    struct grouping parts;
    struct measure pair[2];
    const struct measure *m = p->o->metrics ? p->o->metric : pair;
    size_t n = p->o->metrics ? p->o->metrics : default_pair(c, pair);
    if (!group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err))
        return false;
    p->panel = arena_alloc(p->a, (n * parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        for (size_t k = 0; k < n; k++)
            if (!add_panel(p, &part, all, &m[k], parts.groups > 1 ? parts.group[i].label : NULL,
                           err))
                return false;
    }
    p->columns = n > 1              ? (n == 4  ? 2
                                       : n > 3 ? 3
                                               : n)
                 : parts.groups > 4 ? 3
                 : parts.groups > 1 ? 2
                                    : 1;
    for (size_t k = 0; k < n && parts.groups > 1; k++)
        plot_share_range(p, k, n);
    return true;
}

/* Whether a run that is drawn ended before its first epoch did, in a group of one panel. */
static bool any_ended_at_first(const struct grouping *panel)
{
    for (size_t i = 0; i < panel->groups; i++)
        for (size_t k = 0; k < panel->group[i].n; k++) {
            const struct collected_run *r = panel->group[i].run[k];
            if (status_is_lost(r->status) && r->epoch < 1 && is_drawn(&panel->group[i], r))
                return true;
        }
    return false;
}

/* Accuracies begin at the first epoch, that of the first weights being chance; all of them at 0
 * where a group ended there. */
static bool find_beyond_first(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping parts;
    if (!group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err))
        return false;
    p->beyond_first = false;
    for (size_t i = 0; i < c->runs; i++)
        p->beyond_first |= c->run[i].epoch > 1;
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        struct grouping here;
        if (!group_by(p->a, &part, p->key, p->keys, &here, err))
            return false;
        p->beyond_first &= !any_ended_at_first(&here);
    }
    return true;
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping all;
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &all, err))
        return false;
    for (size_t i = 0; i < p->o->metrics; i++)
        if (p->o->metric[i].best)
            return error_set(err, ERR_USAGE, "%s has no curve; it is one number of a run",
                             measure_name(p->a, &p->o->metric[i]));
    if (!find_beyond_first(p, c, err))
        return false;
    if (all.groups == 1 && p->o->metrics == 0 && p->o->n_panels == 0)
        return pair_of_one(p, &all.group[0], err);
    p->shared_legend = all.groups > 1;
    return add_panels(p, c, &all, err);
}

const struct plot_kind plot_curves = {
    .name = "curves",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_METRICS | PLOT_TAKES_X | PLOT_TAKES_GROUP_BY |
             PLOT_TAKES_PANELS | PLOT_TAKES_BAND | PLOT_TAKES_SMOOTH | PLOT_TAKES_LOG |
             PLOT_TAKES_RANGE | PLOT_TAKES_X_RANGE,
    .wants_rows = true,
};
