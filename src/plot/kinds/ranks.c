/* Mean ranks over several problems, with the difference that tells groups apart. */
#include "num/ranks.h"
#include "figure/figure.h"
#include "plot/problems.h"
#include <stdlib.h>
#include <string.h>

enum { RANK_TICKS = 16 }; /* of more groups not every rank is labelled */

struct ranked {
    size_t solver;
    double rank;
};

/* The worst first: it is the lowest row. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank < y->rank || x->rank > y->rank)
        return x->rank < y->rank ? 1 : -1;
    return x->solver < y->solver ? 1 : -1;
}

/* A bar beside the rows from..to, which nothing tells apart. */
static struct curve make_bar(struct plot *p, size_t from, size_t to, double x, const char *label)
{
    double *at = arena_alloc(p->a, 4 * sizeof *at);
    at[0] = at[1] = x;
    at[2] = (double)from + 0.75;
    at[3] = (double)to + 1.25;
    return (struct curve){.label = label,
                          .name = "not told apart",
                          .x = at,
                          .y = at + 2,
                          .n = 2,
                          .bare = true,
                          .style = 6};
}

/* Bars over neighbours whose mean ranks are closer than the difference; one within another is left
 * out. Returns where the last one is. */
static double add_bars(struct plot *p, const struct ranked *row, size_t n, double difference,
                       struct axes *axes, struct curve *curve)
{
    size_t bars = 0, reached = 0;
    double end = (double)n;
    for (size_t from = 0; from < n; from++) {
        size_t to = from;
        while (to + 1 < n && row[from].rank - row[to + 1].rank < difference)
            to++;
        if (to == from || (bars > 0 && to <= reached))
            continue;
        const char *label =
            bars > 0 ? NULL
                     : arena_printf(p->a, "not told apart: less than %.2f apart (Nemenyi, 5 %%)",
                                    difference);
        reached = to;
        end = (double)n + 0.4 + 0.25 * (double)++bars;
        curve[axes->curves++] = make_bar(p, from, to, end, label);
    }
    return end;
}

/* Problems that some solver has no ended run of rank nobody. Returns how many those were. */
static size_t keep_tried(struct comparison_costs *x)
{
    size_t kept = 0, all = x->problems, n = x->solvers.groups;
    bool *whole = mem_array(all + 1, sizeof *whole);
    for (size_t k = 0; k < all; k++) {
        whole[k] = true;
        for (size_t s = 0; s < n; s++)
            whole[k] &= x->tried[s * all + k];
        kept += whole[k];
    }
    for (size_t i = 0, to = 0; i < n * all; i++)
        if (whole[i % all])
            x->cost[to++] = x->cost[i];
    x->problems = kept;
    mem_free(whole);
    return all - kept;
}

/* What decides a rank. */
static const char *ranked_by(const struct plot *p, const struct collection *c)
{
    struct measure m = plot_measure(p, c);
    const char *label = plot_metric_label(p->a, &m);
    return p->o->has_target ? plot_target_label(p->a, &p->o->target) : label;
}

/* Rows by mean rank. */
static const struct ranked *sort_ranks(struct arena *a, const struct comparison_costs *x)
{
    size_t n = x->solvers.groups;
    double *rank = arena_alloc(a, n * sizeof *rank);
    struct ranked *row = arena_alloc(a, n * sizeof *row);
    stats_mean_ranks(x->cost, n, x->problems, x->within, rank);
    for (size_t i = 0; i < n; i++)
        row[i] = (struct ranked){i, rank[i]};
    qsort(row, n, sizeof *row, compare_ranked);
    return row;
}

/* Whether the problems are runs' folds or splits: these share training images. */
static bool problems_overlap(const struct plot *p, const struct collection *c)
{
    bool overlap = false;
    struct error none;
    for (size_t i = 0, key; i < p->o->n_over; i++)
        overlap |= collect_find_key(c, p->o->over[i], &key, &none) &&
                   spec_splits_data(c->key[key]) && collect_differs(c, key);
    bool by_seed = p->o->n_over == 0;
    for (size_t i = 0, key; i < p->o->n_over; i++)
        by_seed |=
            collect_find_key(c, p->o->over[i], &key, &none) && strcmp(c->key[key], "seed") == 0;
    for (size_t i = 1; by_seed && i < c->runs; i++) {
        struct held_out first = held_out_of(c, &c->run[0]), its = held_out_of(c, &c->run[i]);
        overlap |= !its.own_seed && !held_out_same_draw(&first, &its);
    }
    return overlap;
}

static void label_ranks(struct arena *a, size_t n, struct axes *axes)
{
    if (n > RANK_TICKS)
        return;
    double *tick = arena_alloc(a, n * sizeof *tick);
    for (size_t i = 0; i < n; i++)
        tick[i] = (double)(i + 1);
    axes->x_tick = tick;
    axes->x_ticks = n;
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    struct comparison_costs x;
    if (!plot_costs(p, c, &x, err))
        return false;
    size_t n = x.solvers.groups, left = keep_tried(&x);
    if (n < 2)
        return error_set(err, ERR_USAGE, "ranks need two groups at least");
    if (x.problems < 2)
        return error_set(err, ERR_USAGE,
                         "every group has a run that ended on %zu of %zu problems (by %s), and "
                         "ranks need two: leave groups out with --where",
                         x.problems, x.problems + left, plot_problems_label(p));
    double *at = arena_alloc(p->a, 2 * n * sizeof *at),
           *range = arena_alloc(p->a, 2 * sizeof *range);
    const struct ranked *row = sort_ranks(p->a, &x);
    struct curve *curve = arena_alloc(p->a, (n + 2) * sizeof *curve);
    const char **name = arena_alloc(p->a, n * sizeof *name);
    for (size_t i = 0; i < n; i++) {
        at[i] = row[i].rank;
        at[n + i] = (double)i + 1;
        name[i] = plot_label(p->a, &x.solvers.group[row[i].solver]);
    }
    const char *note =
        left > 0 ? arena_printf(p->a, "; %zu that not all have run left out", left) : "";
    bool overlap = problems_overlap(p, c);
    struct axes axes = {.title = arena_printf(p->a, "over %zu problems (by %s%s%s)", x.problems,
                                              plot_problems_label(p),
                                              overlap ? "; they share training images" : "", note),
                        .x_label = arena_printf(p->a, "mean rank by %s", ranked_by(p, c)),
                        .rows = n,
                        .row = name,
                        .curve = curve};
    curve[axes.curves++] = (struct curve){
        .name = "mean rank", .x = at, .y = at + n, .n = n, .points = true, .style = 0};
    range[0] = 0.8;
    range[1] = 0.2 + add_bars(p, row, n, stats_critical_difference(n, x.problems), &axes, curve);
    axes.x_range = range;
    axes.x_whole = true;
    label_ranks(p->a, n, &axes);
    p->panel = arena_alloc(p->a, sizeof *p->panel);
    p->panel[p->panels++] = axes;
    p->columns = 1;
    p->shared_legend = axes.curves > 1;
    return true;
}

const struct plot_kind plot_ranks = {
    .name = "ranks",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_GROUP_BY | PLOT_TAKES_OVER | PLOT_TAKES_X_RANGE |
             PLOT_TAKES_TARGET,
};
