/* What a tuning budget buys: the expected best of k trials. */
#include "figure/figure.h"
#include "plot/plot.h"
#include "study/comparison_table.h"

/* The expected best of 1, 2, ... of a group's trials, with the deviation of that best, which lies
 * between the trials' worst and best. */
static struct curve curve_of(struct plot *p, const struct comparison_trial *t)
{
    size_t n = t->trials;
    double least = n > 0 ? fmin(t->value[0], t->value[n - 1]) : 0,
           most = n > 0 ? fmax(t->value[0], t->value[n - 1]) : 0;
    double *v = arena_alloc(p->a, (4 * n + 1) * sizeof *v), *y = v + n, *low = y + n,
           *high = low + n;
    for (size_t k = 0; k < n; k++) {
        double sd;
        v[k] = (double)(k + 1);
        stats_best(t->value, n, k + 1, &y[k], &sd);
        low[k] = fmax(y[k] - sd, least);
        high[k] = fmin(y[k] + sd, most);
    }
    struct curve c = {.x = v, .y = y, .n = n};
    if (p->o->band != PLOT_NONE) {
        c.low = low;
        c.high = high;
    }
    return c;
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    struct comparison_trials x;
    struct comparison_options o = {.by = p->o->by, .n_by = p->o->n_by};
    if (p->o->metrics > 0)
        o.metric = measure_name(p->a, &p->o->metric[0]);
    if (!comparison_trials(p->a, c, &o, &x, err))
        return false;
    size_t n = x.grouping.groups;
    bool share = measure_is_share(&x.measure);
    struct curve *curve = arena_alloc(p->a, (n + 1) * sizeof *curve);
    for (size_t i = 0; i < n; i++) {
        curve[i] = curve_of(p, &x.of[i]);
        curve[i].style = (int)i;
        curve[i].label = x.of[i].lost > 0
                             ? arena_printf(p->a, "%s (%zu of %zu trials lost)",
                                            x.grouping.group[i].label, x.of[i].lost, x.of[i].trials)
                             : x.grouping.group[i].label;
    }
    p->panel = arena_alloc(p->a, sizeof *p->panel);
    p->panel[p->panels++] = (struct axes){
        .x_label = "settings tried at random",
        .y_label = arena_printf(p->a, "expected best %s", plot_metric_label(p->a, &x.measure)),
        .x_whole = true,
        .x_log = plot_log(p->o, 'x', false),
        .y_log = plot_log(p->o, 'y', false),
        .y_percent = share,
        .curve = curve,
        .curves = n};
    p->columns = 1;
    p->shared_legend = true;
    return true;
}

const struct plot_kind plot_budget = {
    .name = "budget",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_GROUP_BY | PLOT_TAKES_BAND | PLOT_TAKES_LOG |
             PLOT_TAKES_RANGE | PLOT_TAKES_X_RANGE,
};
