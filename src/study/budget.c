/* What a tuning budget buys: the expected best of k settings tried at random (Dodge, Gururangan,
 * Card, Schwartz and Smith 2019, "Show your work"), from the settings that were tried. */
#include "study/comparison.h"
#include "study/comparison_table.h"
#include <stdlib.h>

enum { BUDGETS = 8 };
static const size_t budgets[BUDGETS] = {1, 2, 4, 8, 16, 32, 64, 128};

struct value {
    double v;
    bool rises;
};

static int compare_values(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->v < y->v || x->v > y->v)
        return (x->v < y->v) == x->rises ? -1 : 1;
    return 0;
}

/* A run that was given up counts as what it had: it was tried like the others. */
static double figure_of(const struct collected_run *r, const struct measure *m)
{
    bool counts = r->status == STATUS_COMPLETED || r->status == STATUS_PRUNED;
    return counts ? measure_value(m, r) : (double)NAN;
}

/* The mean over a setting's runs; NaN without a figure. */
static double mean_of(const struct group *g, const struct measure *m)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        double v = figure_of(g->run[i], m);
        sum += isfinite(v) ? v : 0;
        n += isfinite(v) ? 1 : 0;
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* The worst figure of all runs that have one: what a lost trial counts as. */
static double worst_of(const struct collection *c, const struct measure *m)
{
    double worst = (double)NAN;
    for (size_t i = 0; i < c->runs; i++) {
        double v = figure_of(&c->run[i], m);
        if (isfinite(v))
            worst = metric_rises(m->metric) ? fmin(worst, v) : fmax(worst, v);
    }
    return worst;
}

/* Settings that have not ended are no trials. */
static bool try_settings(struct arena *a, const struct collection *part, const struct measure *m,
                         double worst, struct comparison_trial *ret, struct error *err)
{
    struct grouping g;
    if (!group_settings(a, part, NULL, 0, &g, err))
        return false;
    struct value *v = arena_alloc(a, (g.groups + 1) * sizeof *v);
    *ret = (struct comparison_trial){.value = arena_alloc(a, (g.groups + 1) * sizeof *ret->value)};
    for (size_t i = 0; i < g.groups; i++) {
        double mean = mean_of(&g.group[i], m);
        bool lost = group_lost(&g.group[i]);
        if (!lost && !isfinite(mean))
            continue;
        ret->lost += lost;
        ret->pruned += !lost && g.group[i].status[STATUS_PRUNED] > 0;
        v[ret->trials++] = (struct value){lost ? worst : mean, metric_rises(m->metric)};
    }
    if (ret->trials > 1)
        qsort(v, ret->trials, sizeof *v, compare_values);
    for (size_t i = 0; i < ret->trials; i++)
        ret->value[i] = v[i].v;
    return true;
}

static void add_budget(struct table_builder *b, const struct comparison_trial *x, size_t k,
                       const struct measure *m, bool raw)
{
    struct arena *a = b->a;
    const char **mean = table_add_column(
        b, raw ? arena_printf(a, "best_of_%zu.mean", k) : arena_printf(a, "k = %zu", k), false,
        false);
    const char **sd =
        raw ? table_add_column(b, arena_printf(a, "best_of_%zu.sd", k), false, false) : NULL;
    for (size_t r = 0; r < b->rows; r++) {
        struct stats_sample s = {.n = 2};
        if (k > x[r].trials) {
            mean[r] = raw ? NULL : "–";
            continue;
        }
        stats_best(x[r].value, x[r].trials, k, &s.mean, &s.sd);
        mean[r] =
            raw ? arena_printf(a, "%.9g", s.mean) : comparison_figure(a, &s, measure_is_share(m));
        if (raw)
            sd[r] = arena_printf(a, "%.9g", s.sd);
    }
}

bool comparison_trials(struct arena *a, const struct collection *c,
                       const struct comparison_options *o, struct comparison_trials *ret,
                       struct error *err)
{
    char optimizer[] = "optimizer.name", *by[] = {optimizer};
    if (!comparison_chooser(c, o->metric, "--budget", &ret->measure, err) ||
        !group_runs(a, c, o->n_by ? o->by : by, o->n_by ? o->n_by : 1, &ret->grouping, err))
        return false;
    size_t n = ret->grouping.groups;
    ret->of = arena_alloc(a, (n + 1) * sizeof *ret->of);
    double worst = worst_of(c, &ret->measure);
    for (size_t i = 0; i < n; i++) {
        struct collection part = group_part(a, c, &ret->grouping.group[i]);
        if (!try_settings(a, &part, &ret->measure, worst, &ret->of[i], err))
            return false;
    }
    return true;
}

bool comparison_budget(struct arena *a, const struct collection *c,
                       const struct comparison_options *o, bool raw, struct table *ret,
                       struct error *err)
{
    struct comparison_trials x;
    if (!comparison_trials(a, c, o, &x, err))
        return false;
    size_t n = x.grouping.groups, *group = arena_alloc(a, (n + 1) * sizeof *group), most = 0;
    for (size_t i = 0; i < n; i++) {
        group[i] = i;
        most = x.of[i].trials > most ? x.of[i].trials : most;
    }
    struct table_builder b = {.a = a, .rows = n};
    comparison_add_keys(&b, &x.grouping, group, raw);
    const char **trials = table_add_column(&b, "trials", false, false),
               **lost = table_add_column(&b, "lost", false, false);
    size_t given_up = 0;
    for (size_t r = 0; r < b.rows; r++)
        given_up += x.of[r].pruned;
    const char **pruned = raw || given_up > 0 ? table_add_column(&b, "pruned", false, false) : NULL;
    for (size_t r = 0; r < b.rows; r++) {
        if (pruned)
            pruned[r] = arena_printf(a, "%zu", x.of[r].pruned);
        trials[r] = arena_printf(a, "%zu", x.of[r].trials);
        lost[r] = arena_printf(a, "%zu", x.of[r].lost);
    }
    for (size_t i = 0; i < BUDGETS && budgets[i] <= most; i++)
        add_budget(&b, x.of, budgets[i], &x.measure, raw);
    table_finish(&b, ret);
    return true;
}
