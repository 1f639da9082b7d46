/* What mattered in a search: each run's figure against each key that differs, and the share of the
 * figures' ranks that it explains alone. */
#include "figure/figure.h"
#include "num/ranks.h"
#include "plot/plot.h"
#include <stdlib.h>
#include <string.h>

enum { PANELS = 12 };

struct key {
    size_t at; /* in the collection */
    double *x; /* of each run: its number, or the place of its value among all */
    bool numbers, spans;
    double weight,
        rho; /* the share of the ranks that it explains; the rank correlation of numbers */
    const struct grouping *values;
};

/* The place of a run's value among all that the key has, from 1. */
static double place_of(const struct grouping *g, const struct collected_value *v)
{
    for (size_t i = 0; i < g->groups; i++)
        if (g->group[i].value[0] == v)
            return (double)(i + 1);
    return (double)NAN;
}

/* A number, or a list of one: [0.2]. */
static double number_of(const struct collected_value *v)
{
    char *end;
    if (!v)
        return (double)NAN;
    if (v->type == EXPR_NUMBER)
        return v->number;
    double number = v->text[0] == '[' ? strtod(v->text + 1, &end) : (double)NAN;
    return v->text[0] == '[' && strcmp(end, "]") == 0 ? number : (double)NAN;
}

static bool read_key(struct plot *p, const struct collection *c, const char *name, const double *y,
                     struct key *k, struct error *err)
{
    char *by[] = {arena_strdup(p->a, name)};
    struct grouping *g = arena_alloc(p->a, sizeof *g);
    if (!collect_find_key(c, name, &k->at, err) || !group_runs(p->a, c, by, 1, g, err))
        return false;
    k->values = g;
    k->x = arena_alloc(p->a, (c->runs + 1) * sizeof *k->x);
    k->numbers = true;
    for (size_t i = 0; i < c->runs; i++)
        k->numbers &= isfinite(number_of(c->run[i].value[k->at]));
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_value *v = c->run[i].value[k->at];
        k->x[i] = k->numbers ? number_of(v) : place_of(g, v);
    }
    k->weight = stats_explained(k->x, y, c->runs);
    k->rho = k->numbers ? stats_spearman(k->x, y, c->runs) : (double)NAN;
    k->spans = k->numbers && plot_key_spans(p, c, c->key[k->at], k->x, c->runs, 8);
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    double p = isnan(x->weight) ? -1 : x->weight, q = isnan(y->weight) ? -1 : y->weight;
    if (p < q || p > q)
        return p < q ? 1 : -1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* "explains 62 % of the ranks, ρ −0.31" */
static const char *title_of(struct arena *a, const struct key *k)
{
    const char *share =
        isnan(k->weight) ? NULL : arena_printf(a, "explains %.0f %% of the ranks", 100 * k->weight);
    if (!share || isnan(k->rho))
        return share;
    return arena_printf(a, "%s, ρ %s%.2f", share, k->rho < 0 ? "−" : "", fabs(k->rho));
}

/* Words have their names, counts their values; other numbers are left to the axis. */
static void add_ticks(struct plot *p, const struct key *k, struct axes *x)
{
    size_t n = k->values->groups;
    double *tick = arena_alloc(p->a, (n + 1) * sizeof *tick);
    const char **name = arena_alloc(p->a, (n + 1) * sizeof *name);
    for (size_t i = 0; i < n; i++) {
        tick[i] = k->numbers ? number_of(k->values->group[i].value[0]) : (double)(i + 1);
        name[i] = plot_value_label(&k->values->group[i]);
    }
    if (k->numbers && !plot_counts(tick, n))
        return;
    x->x_tick = tick;
    x->x_name = k->numbers ? NULL : name;
    x->x_ticks = n;
}

/* Pruned runs have no figure of their end: it is said how many there are. */
static const char *value_label(struct arena *a, const struct collection *c, const struct measure *m)
{
    size_t pruned = 0;
    for (size_t i = 0; i < c->runs; i++)
        pruned += c->run[i].status == STATUS_PRUNED;
    const char *label = plot_metric_label(a, m);
    return pruned > 0 ? arena_printf(a, "%s (%zu pruned, not drawn)", label, pruned) : label;
}

static void add_panel(struct plot *p, const struct collection *c, const struct key *k,
                      const double *y, bool any_lost, const struct measure *m)
{
    double *lost = arena_alloc(p->a, (c->runs + 1) * sizeof *lost);
    for (size_t i = 0; i < c->runs; i++)
        lost[i] = status_is_lost(c->run[i].status) ? k->x[i] : (double)NAN;
    struct curve *curve = arena_alloc(p->a, 2 * sizeof *curve);
    const char *label = plot_key_label(p->a, c->key[k->at]);
    struct axes x = {.title = title_of(p->a, k),
                     .x_label = label,
                     .y_label = value_label(p->a, c, m),
                     .y_percent = measure_is_share(m),
                     .y_log = plot_log(p->o, 'y', !measure_is_share(m)),
                     .x_log = plot_log(p->o, 'x', k->spans),
                     .curve = curve};
    if (x.x_log && k->numbers)
        plot_tell_left_out(c->key[k->at], k->x, c->runs);
    x.x_range = plot_range(p->a, k->x, c->runs, x.x_log);
    add_ticks(p, k, &x);
    curve[x.curves++] = (struct curve){.name = "each run",
                                       .x = k->x,
                                       .y = y,
                                       .n = c->runs,
                                       .points = true,
                                       .faint = c->runs > 60,
                                       .style = 0};
    curve[x.curves] = (struct curve){.name = "diverged or failed",
                                     .x = lost,
                                     .y = y,
                                     .n = c->runs,
                                     .points = true,
                                     .symbol = SYMBOL_CROSS,
                                     .edge = metric_rises(m->metric) ? -1 : 1,
                                     .style = 1};
    x.curves += any_lost;
    p->panel[p->panels++] = x;
}

/* The keys that matter the most come first. */
static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    struct measure m = plot_measure(p, c);
    struct grouping all;
    if (!group_runs(p->a, c, p->o->over, p->o->n_over, &all, err))
        return false;
    if (all.keys == 0)
        return error_set(err, ERR_USAGE, "no key differs between these runs");
    double *y = arena_alloc(p->a, (c->runs + 1) * sizeof *y);
    struct key *key = arena_alloc(p->a, all.keys * sizeof *key);
    bool any_lost = false;
    for (size_t i = 0; i < c->runs; i++) {
        y[i] = c->run[i].status == STATUS_COMPLETED ? measure_value(&m, &c->run[i])
               : !status_is_lost(c->run[i].status)  ? (double)NAN
               : metric_rises(m.metric)             ? -HUGE_VAL
                                                    : HUGE_VAL; /* worse than all others */
        any_lost |= status_is_lost(c->run[i].status);
    }
    for (size_t i = 0; i < all.keys; i++)
        if (!read_key(p, c, all.key[i], y, &key[i], err))
            return false;
    if (all.keys > 1)
        qsort(key, all.keys, sizeof *key, compare_keys);
    size_t n = all.keys < PANELS ? all.keys : PANELS;
    p->panel = arena_alloc(p->a, n * sizeof *p->panel);
    for (size_t i = 0; i < n; i++)
        add_panel(p, c, &key[i], y, any_lost, &m);
    p->columns = n > 4 ? 3 : n > 1 ? 2 : 1;
    return true;
}

const struct plot_kind plot_search = {
    .name = "search",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_OVER | PLOT_TAKES_LOG | PLOT_TAKES_RANGE |
             PLOT_TAKES_X_RANGE,
};
