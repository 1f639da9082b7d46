/* What figures of several kinds need. */
#include "figure/figure.h"
#include "plot/plot.h"
#include "util/log.h"
#include <string.h>

const char *const plot_x_names[] = {"epoch", "step", "seconds", NULL};
const char *const plot_band_names[] = {"minmax", "sd",   "interval", "quartiles",
                                       "runs",   "none", NULL};

static bool is_among(const struct collection *c, const char *key, char *const *list, size_t n)
{
    size_t at;
    struct error err;
    for (size_t i = 0; i < n; i++)
        if (collect_find_key(c, list[i], &at, &err) && strcmp(c->key[at], key) == 0)
            return true;
    return false;
}

bool plot_curve_keys(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping all;
    size_t at;
    for (size_t i = 0; i < p->o->n_panels; i++)
        if (!collect_find_key(c, p->o->panels[i], &at, err))
            return false;
    if (p->o->n_by > 0) {
        p->key = p->o->by;
        p->keys = p->o->n_by;
        return true;
    }
    if (!group_runs(p->a, c, NULL, 0, &all, err))
        return false;
    p->key = arena_alloc(p->a, (all.keys + 1) * sizeof *p->key);
    for (size_t k = 0; k < all.keys; k++)
        if (!is_among(c, all.key[k], p->o->panels, p->o->n_panels) &&
            !is_among(c, all.key[k], p->over, p->overs))
            p->key[p->keys++] = arena_strdup(p->a, all.key[k]);
    return true;
}

const char *plot_label(struct arena *a, const struct group *g)
{
    struct strbuf b;
    strbuf_init(&b);
    bool all = g->status[STATUS_COMPLETED] == g->n;
    strbuf_add(&b, g->label[0] || all ? g->label : "all runs");
    size_t length = b.length;
    for (int s = STATUS_DIVERGED; s < STATUSES_OF_STUDIES; s++)
        if (g->status[s] > 0)
            strbuf_addf(&b, "%s%zu %s", strchr(b.text, '(') ? ", " : " (", g->status[s],
                        status_names[s]);
    strbuf_add(&b, b.length > length ? ")" : "");
    const char *label = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return label;
}

const char *plot_value_label(const struct group *g)
{
    return g->value[0] ? g->shown[0] : "none";
}

const char *plot_metric_label(struct arena *a, const struct measure *m)
{
    const char *label = metric_info[m->metric].label;
    return m->best ? arena_printf(a, "%s of the best epoch", label) : label;
}

const char *plot_goal(struct arena *a, const struct target *t)
{
    const struct measure m = {t->metric, false};
    return measure_is_share(&m) ? arena_printf(a, "%g %%", 100 * t->value)
                                : arena_printf(a, "%g", t->value);
}

const char *plot_target_label(struct arena *a, const struct target *t)
{
    const struct measure m = {t->metric, false};
    return arena_printf(a, "updates to a %s of %s", plot_metric_label(a, &m), plot_goal(a, t));
}

bool plot_log(const struct plot_options *o, char axis, bool otherwise)
{
    return o->log ? strchr(o->log, axis) != NULL && strcmp(o->log, "none") != 0 : otherwise;
}

void plot_tell_left_out(const char *key, const double *v, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        left += v[i] <= 0;
    if (left > 0)
        log_info("%zu of the %zu values of %s left out: a logarithmic axis shows none up to 0; "
                 "'--log none' shows all",
                 left, n, key);
}

/* ---- one scale for small multiples ---- */

static void stretch(double range[2], double v, bool log)
{
    if (!isfinite(v) || (log && v <= 0))
        return;
    range[0] = fmin(range[0], v);
    range[1] = fmax(range[1], v);
}

void plot_widen(double range[2], bool is_log, double share)
{
    if (is_log) {
        double factor = range[1] > range[0] ? exp(share * (log(range[1]) - log(range[0]))) : 2;
        range[0] = fmax(range[0] / factor, 1e-305);
        range[1] = fmin(range[1] * factor, 1e305);
        return;
    }
    double room =
        range[1] > range[0] ? share * (range[1] - range[0]) : fmax(0.05 * fabs(range[0]), 1e-6);
    range[0] -= room;
    range[1] += room;
}

void plot_share_range(struct plot *p, size_t from, size_t stride)
{
    double *range = arena_alloc(p->a, 2 * sizeof *range);
    range[0] = HUGE_VAL;
    range[1] = -HUGE_VAL;
    bool log = p->panel[from].y_log;
    for (size_t i = from; i < p->panels; i += stride)
        for (size_t k = 0; k < p->panel[i].curves; k++) {
            const struct curve *c = &p->panel[i].curve[k];
            for (size_t j = 0; j < c->n; j++) {
                stretch(range, c->y[j], log);
                if (c->low && c->high) {
                    stretch(range, c->low[j], log);
                    stretch(range, c->high[j], log);
                }
            }
        }
    if (!(range[0] < range[1]))
        return;
    plot_widen(range, log, 0.04);
    if (p->panel[from].y_percent)
        range[1] = fmin(range[1], 1);
    figure_clear_edges(p->panel + from, p->panels - from, stride, range);
    for (size_t i = from; i < p->panels; i += stride)
        p->panel[i].y_range = range;
}

const double *plot_smoothed(struct plot *p, const double *v, size_t n)
{
    double *s = arena_alloc(p->a, (n + 1) * sizeof *s);
    smooth_mean(v, n, p->o->window, p->o->smooth, s);
    return s;
}

const char *plot_smooth_label(struct plot *p, const char *label)
{
    return p->o->smooth > 1 ? arena_printf(p->a, "%s, %s mean of %zu", label,
                                           smooth_window_names[p->o->window], p->o->smooth)
                            : label;
}

void plot_band(const struct plot *p, const struct stats_sample *s, double *ret_low,
               double *ret_high)
{
    *ret_low = *ret_high = (double)NAN;
    if (s->n < 2 && p->o->band != PLOT_INTERVAL)
        return;
    switch (p->o->band) {
    case PLOT_SD:
        *ret_low = s->mean - s->sd;
        *ret_high = s->mean + s->sd;
        break;
    case PLOT_INTERVAL:
        *ret_low = s->low;
        *ret_high = s->high;
        break;
    case PLOT_QUARTILES:
        *ret_low = s->quartile[0];
        *ret_high = s->quartile[2];
        break;
    case PLOT_MINMAX:
        *ret_low = s->least;
        *ret_high = s->most;
        break;
    case PLOT_RUNS:
    case PLOT_NONE:
        break;
    }
}
