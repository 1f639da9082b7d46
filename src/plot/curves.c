/* Figures against epochs, updates or seconds. */
#include "figure/figure.h"
#include "plot/plot.h"
#include "util/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One run's figure over time. */
struct track {
    size_t n;
    double *x, *y;
};

/* ---- reading ---- */

/* The untrained model's figures would flatten what follows. */
static size_t first_row(enum metric m, size_t n)
{
    return metric_rises(m) && n > 2 ? 1 : 0;
}

static bool read_track(struct plot *p, const struct collected_run *r, enum metric m,
                       struct track *ret, struct error *err)
{
    if (p->o->x == PLOT_STEP) {
        struct run_steps steps;
        if (!run_read_steps(p->a, r->folder, m, &steps, err))
            return false;
        *ret = (struct track){steps.n, steps.step, steps.value};
        if (ret->n > 0)
            return true;
    }
    struct epoch_row *row;
    double *time;
    size_t n;
    *ret = (struct track){0};
    bool may_lack =
        r->status == STATUS_OPEN || r->status == STATUS_FAILED; /* not begun, or unable to */
    if (may_lack && !folder_has(r->folder, FOLDER_EPOCHS))
        return true;
    if (!run_read_epochs(p->a, r->folder, &row, &n, err) ||
        !collect_times(p->a, r, row, n, &time, err))
        return false;
    size_t from = first_row(m, n);
    ret->n = n - from;
    ret->x = arena_alloc(p->a, (n + 1) * sizeof(double));
    ret->y = arena_alloc(p->a, (n + 1) * sizeof(double));
    for (size_t i = 0; i < ret->n; i++) {
        const struct epoch_row *at = &row[i + from];
        ret->x[i] = p->o->x == PLOT_EPOCH  ? (double)at->epoch
                    : p->o->x == PLOT_STEP ? (double)at->step
                                           : time[i + from];
        ret->y[i] = at->value[m];
    }
    return true;
}

/* ---- a group as one curve ---- */

/* Row by row over the runs that got so far, while at least half of them did. */
static struct curve mean_curve(struct plot *p, const struct track *t, size_t runs)
{
    size_t most = 0;
    for (size_t i = 0; i < runs; i++)
        most = t[i].n > most ? t[i].n : most;
    double *x = arena_alloc(p->a, (most + 1) * sizeof *x),
           *y = arena_alloc(p->a, (most + 1) * sizeof *y);
    double *low = arena_alloc(p->a, (most + 1) * sizeof *low),
           *high = arena_alloc(p->a, (most + 1) * sizeof *high);
    double *at = arena_alloc(p->a, 2 * (runs + 1) * sizeof *at), *v = at + runs;
    size_t n = 0;
    for (; n < most; n++) {
        size_t there = 0;
        for (size_t i = 0; i < runs; i++)
            if (t[i].n > n) {
                at[there] = t[i].x[n];
                v[there++] = t[i].y[n];
            }
        if (2 * there < runs)
            break;
        struct stats_sample s = stats_spread(v, there);
        x[n] = stats_spread(at, there).mean;
        y[n] = s.mean;
        low[n] = p->o->band == PLOT_SD ? s.mean - s.sd : s.least;
        high[n] = p->o->band == PLOT_SD ? s.mean + s.sd : s.most;
    }
    struct curve c = {.x = x, .y = y, .n = n};
    if (runs > 1 && p->o->band != PLOT_NONE) {
        c.low = low;
        c.high = high;
    }
    return c;
}

const double *plot_smoothed(struct arena *a, const double *v, size_t n, size_t width)
{
    double *s = arena_alloc(a, (n + 1) * sizeof *s), *sum = mem_array(n + 1, sizeof *sum);
    size_t before = (width - 1) / 2, after = width / 2,
           *count = mem_array(n + 1, sizeof *count);
    for (size_t i = 0; i < n; i++) {
        sum[i + 1] = sum[i] + (isfinite(v[i]) ? v[i] : 0);
        count[i + 1] = count[i] + (isfinite(v[i]) ? 1 : 0);
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = i > before ? i - before : 0, to = i + after < n ? i + after + 1 : n;
        s[i] =
            isfinite(v[i]) ? (sum[to] - sum[from]) / (double)(count[to] - count[from]) : v[i];
    }
    mem_free(sum);
    mem_free(count);
    return s;
}

/* ---- groups ---- */

static bool is_drawn(const struct group *g, const struct collected_run *r)
{
    /* Runs that diverged would carry the mean away; where there are no others, they are what there
     * is to see. */
    size_t others = g->n - g->status[STATUS_DIVERGED] - g->status[STATUS_FAILED];
    return others == 0 || (r->status != STATUS_DIVERGED && r->status != STATUS_FAILED);
}

enum { SMOOTH = 12 }; /* points of a mean from which a dense curve has no peaks worth keeping */

static bool add_group(struct plot *p, const struct group *g, enum metric m, const char *label,
                      int style, struct curve *to, size_t *n, struct error *err)
{
    struct track *t = arena_alloc(p->a, (g->n + 1) * sizeof *t);
    size_t runs = 0;
    for (size_t i = 0; i < g->n; i++)
        if (is_drawn(g, g->run[i])) {
            if (!read_track(p, g->run[i], m, &t[runs], err)) {
                err->code = ERR_DATA;
                return false;
            }
            runs += t[runs].n > 0;
        }
    struct curve c = mean_curve(p, t, runs);
    c.style = style;
    if (p->o->smooth > 1 && c.n > 0) {
        struct curve raw = {
            .x = c.x,
            .y = c.y,
            .n = c.n,
            .faint = true,
            .style = style,
            .name = arena_printf(p->a, "%s, unsmoothed", label[0] ? label : "all runs")};
        figure_thin(p->a, &raw, false);
        to[(*n)++] = raw;
        c.y = plot_smoothed(p->a, c.y, c.n, p->o->smooth);
        c.low = c.low ? plot_smoothed(p->a, c.low, c.n, p->o->smooth) : NULL;
        c.high = c.high ? plot_smoothed(p->a, c.high, c.n, p->o->smooth) : NULL;
    }
    c.label = label[0] ? label : NULL;
    c.name = "all runs";
    figure_thin(p->a, &c, p->o->smooth > SMOOTH);
    to[(*n)++] = c;
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
    static const char *const x_label[] = {"epoch", "updates", "seconds of training"};
    bool share = measure_is_share(m);
    return (struct axes){.x_label = x_label[p->o->x],
                         .y_label = plot_metric_label(p->a, m),
                         .x_log = plot_log(p->o, 'x', false),
                         .y_log =
                             plot_log(p->o, 'y', !share && !metric_is_scheduled(m->metric)),
                         .y_percent = share,
                         .x_whole = p->o->x != PLOT_SECONDS};
}

/* ---- one group: its splits are told apart by colour ---- */

static bool add_splits(struct plot *p, const struct group *g, bool share, const char *y_label,
                       struct error *err)
{
    struct curve *curve = arena_alloc(p->a, 2 * SPLITS * sizeof *curve);
    struct measure first = {share ? METRIC_TRAIN_ACCURACY : METRIC_TRAIN_LOSS, false};
    struct axes x = axes_of(p, &first);
    for (int i = 0; i < SPLITS; i++) {
        const struct split_info *s = &split_info[i];
        size_t before = x.curves;
        if (!add_group(p, g, share ? s->accuracy : s->loss, s->images, i, curve, &x.curves,
                       err))
            return false;
        if (!has_any(curve + before, x.curves - before))
            x.curves = before;
    }
    x.y_label = y_label;
    x.curve = curve;
    p->panel[p->panels++] = x;
    return true;
}

static bool pair_of_one(struct plot *p, const struct group *g, struct error *err)
{
    p->panel = arena_alloc(p->a, 2 * sizeof *p->panel);
    p->columns = 2;
    if (!add_splits(p, g, false, "cross entropy", err) ||
        !add_splits(p, g, true, "accuracy", err))
        return false;
    if (g->n != 1 || g->run[0]->status == STATUS_OPEN)
        return true;
    size_t marks;
    const struct mark *mark = plot_marks(p, g->run[0], &marks, err);
    for (size_t i = 0; i < p->panels; i++) {
        p->panel[i].mark = mark;
        p->panel[i].marks = marks;
    }
    return mark != NULL;
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
    struct curve *curve = arena_alloc(p->a, (2 * all->groups + 1) * sizeof *curve);
    struct axes x = axes_of(p, m);
    for (size_t i = 0; i < all->groups; i++) {
        const struct group *g = group_find(&here, &all->group[i]);
        const char *label = plot_label(p->a, &all->group[i]);
        if (!g)
            curve[x.curves++] =
                (struct curve){.label = label[0] ? label : NULL, .style = (int)i};
        else if (!add_group(p, g, m->metric, label, (int)i, curve, &x.curves, err))
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
    bool valid = false;
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

bool plot_curves(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping all;
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &all, err))
        return false;
    for (size_t i = 0; i < p->o->metrics; i++)
        if (p->o->metric[i].best)
            return error_set(err, ERR_USAGE, "%s has no curve; it is one number of a run",
                             measure_name(p->a, &p->o->metric[i]));
    if (all.groups == 1 && p->o->metrics == 0 && p->o->n_panels == 0)
        return pair_of_one(p, &all.group[0], err);
    p->shared_legend = all.groups > 1;
    return add_panels(p, c, &all, err);
}
