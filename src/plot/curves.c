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

/* Row by row over the runs that got so far, while at least half of them did. */
static struct mean mean_of(struct plot *p, const struct run_series *t, size_t runs)
{
    size_t most = 0, n = 0, before = runs;
    for (size_t i = 0; i < runs; i++)
        most = t[i].n > most ? t[i].n : most;
    double *x = arena_alloc(p->a, (most + 1) * sizeof *x),
           *y = arena_alloc(p->a, (most + 1) * sizeof *y);
    double *low = arena_alloc(p->a, (most + 1) * sizeof *low),
           *high = arena_alloc(p->a, (most + 1) * sizeof *high);
    double *at = arena_alloc(p->a, 2 * (runs + 1) * sizeof *at), *v = at + runs;
    bool costly = p->o->band == PLOT_INTERVAL || p->o->band == PLOT_QUARTILES;
    struct mean m = {.curve = {.x = x, .y = y},
                     .changed = arena_alloc(p->a, (runs + 2) * sizeof(size_t)),
                     .change = arena_alloc(p->a, (runs + 2) * sizeof(char *))};
    for (; n < most && 2 * runs_there(t, runs, n) >= runs; n++) {
        size_t there = 0;
        for (size_t i = 0; i < runs; i++)
            if (t[i].n > n) {
                at[there] = t[i].x[n];
                v[there++] = t[i].y[n];
            }
        struct stats_sample s =
            costly && there > 1 ? stats_summarize(v, there) : stats_spread(v, there);
        x[n] = stats_spread(at, there).mean;
        y[n] = s.mean;
        plot_band(p, &s, &low[n], &high[n]);
        if (there < before && n > 0)
            add_change(p, &m, n, there, runs);
        before = there;
    }
    if (n > 0 && n < most) { /* it ends where most runs have ended */
        add_change(p, &m, n - 1, before, runs);
        m.change[m.changes - 1] = "most runs end here";
    }
    m.curve.n = n;
    if (runs > 1 && p->o->band != PLOT_NONE && p->o->band != PLOT_RUNS) {
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
    c.steps = d->steps;
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

static bool add_group(const struct drawing *d, const struct group *g, enum metric m,
                      struct error *err)
{
    struct plot *p = d->plot;
    struct run_series *t = arena_alloc(p->a, (g->n + 1) * sizeof *t);
    size_t runs = 0;
    for (size_t i = 0; i < g->n; i++)
        if (is_drawn(g, g->run[i])) {
            if (!read_track(p, g->run[i], m, d->steps, &t[runs], err)) {
                err->code = ERR_DATA;
                return false;
            }
            runs += t[runs].n > 0;
        }
    add_runs(d, t, runs);
    struct mean mean = mean_of(p, t, runs);
    if (g->status[STATUS_DIVERGED] == g->n)
        mean.changes = 0; /* their ends are shown */
    add_mean(d, &mean);
    add_ends(d, g, t, runs);
    return true;
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
        const struct drawing d = {
            .plot = p, .label = split_info[i].images, .style = i, .to = curve, .n = &x.curves};
        if (!add_group(&d, g, accuracy ? split_info[i].accuracy : split_info[i].loss, err))
            return false;
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
    for (size_t i = 0; i < all->groups; i++) {
        const struct group *g = group_find(&here, &all->group[i]);
        const char *label = plot_label(p->a, &all->group[i]);
        const struct drawing d = {.plot = p,
                                  .label = label,
                                  .style = (int)i,
                                  .steps = metric_is_scheduled(m->metric) && g &&
                                           changes_by_epochs(c, g),
                                  .to = curve,
                                  .n = &x.curves};
        if (!g)
            add_curve(&d, (struct curve){.label = label[0] ? label : NULL});
        else if (!add_group(&d, g, m->metric, err))
            return false;
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

/* Accuracies begin at the first epoch, that of the first weights being chance; all of them at 0
 * where a group ended there. */
static bool begin_beyond_first(const struct collection *c, const struct grouping *all)
{
    bool beyond = false;
    for (size_t i = 0; i < c->runs; i++)
        beyond |= c->run[i].epoch > 1;
    for (size_t i = 0; i < all->groups; i++)
        for (size_t k = 0; k < all->group[i].n; k++) {
            const struct collected_run *r = all->group[i].run[k];
            if (status_is_lost(r->status) && r->epoch < 1 && is_drawn(&all->group[i], r))
                return false;
        }
    return beyond;
}

bool plot_curves(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping all;
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &all, err))
        return false;
    for (size_t i = 0; i < p->o->metrics; i++)
        if (p->o->metric[i].best)
            return error_set(err, ERR_USAGE, "%s has no curve; it is one number of a run",
                             measure_name(p->a, &p->o->metric[i]));
    p->beyond_first = begin_beyond_first(c, &all);
    if (all.groups == 1 && p->o->metrics == 0 && p->o->n_panels == 0)
        return pair_of_one(p, &all.group[0], err);
    p->shared_legend = all.groups > 1;
    return add_panels(p, c, &all, err);
}
