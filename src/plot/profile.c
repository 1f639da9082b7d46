/* Solvers over several problems: performance profiles, and mean ranks with the difference that
 * tells them apart. */
#include "figure/figure.h"
#include "num/ranks.h"
#include "plot/plot.h"
#include "study/comparison_table.h"
#include <stdlib.h>

/* The problems: the keys of --over, else the seeds. */
static bool costs_of(struct plot *p, const struct collection *c, struct comparison_costs *ret,
                     struct error *err)
{
    char seed[] = "seed", *by[] = {seed};
    struct comparison_options o = {.by = p->o->by,
                                   .n_by = p->o->n_by,
                                   .problem = by,
                                   .problems = 1,
                                   .asks = "--over",
                                   .cost = PROFILE_STEPS};
    if (p->o->metrics > 0)
        o.metric = measure_name(p->a, &p->o->metric[0]);
    if (p->o->has_target)
        o.target =
            arena_printf(p->a, "%s=%.17g", metric_names[p->o->target.metric], p->o->target.value);
    if (p->o->n_over > 0) {
        o.problem = p->o->over;
        o.problems = p->o->n_over;
    }
    return comparison_costs(p->a, c, &o, ret, err);
}

static const char *problems_label(const struct plot *p)
{
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < p->o->n_over; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", plot_key_label(p->a, p->o->over[i]));
    const char *label = p->o->n_over > 0 ? arena_strdup(p->a, b.text) : "seed";
    strbuf_fini(&b);
    return label;
}

/* ---- performance profiles ---- */

/* The solver's costs over the least of all, ascending. Returns how many are finite. */
static size_t ratios_of(const struct comparison_costs *x, size_t solver, double *ret)
{
    size_t finite = 0;
    for (size_t k = 0; k < x->problems; k++) {
        ret[k] = comparison_ratio(x, solver, k);
        finite += isfinite(ret[k]) != 0;
    }
    stats_sort(ret, x->problems);
    return finite;
}

/* The solver's curve: steps up to `end`. ratio: room for one of each problem. */
static struct curve make_profile(struct plot *p, const struct comparison_costs *x, size_t solver,
                                 double end, double *ratio)
{
    size_t n = ratios_of(x, solver, ratio), k = 0;
    double *at = arena_alloc(p->a, (n + 2) * sizeof *at),
           *share = arena_alloc(p->a, (n + 2) * sizeof *share);
    at[k] = 1;
    share[k++] = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = at[k - 1] >= ratio[i];
        k -= same;
        at[k] = ratio[i];
        share[k++] = (double)(i + 1) / (double)x->problems;
    }
    at[k] = end;
    share[k] = share[k - 1];
    return (struct curve){.label = plot_label(p->a, &x->solvers.group[solver]),
                          .x = at,
                          .y = share,
                          .n = k + 1,
                          .steps = true,
                          .dashed = true,
                          .style = (int)solver};
}

/* What no curve can reach, or NULL. */
static const char *beyond_text(const struct plot *p, const struct comparison_costs *x)
{
    size_t n = comparison_beyond(x);
    return n > 0 ? arena_printf(p->a, "%zu of %zu at no multiple: the least is 0", n,
                                x->solvers.groups * x->problems)
                 : NULL;
}

bool plot_profile(struct plot *p, const struct collection *c, struct error *err)
{
    struct comparison_costs x;
    if (!costs_of(p, c, &x, err))
        return false;
    size_t solvers = x.solvers.groups;
    double most = 1, *ratio = arena_alloc(p->a, (x.problems + 1) * sizeof *ratio);
    bool any = false;
    for (size_t s = 0; s < solvers; s++) {
        size_t n = ratios_of(&x, s, ratio);
        any |= n > 0;
        most = n > 0 ? fmax(most, ratio[n - 1]) : most;
    }
    double end = most > 1 ? exp(1.05 * log(most)) : 2;
    struct curve *curve = arena_alloc(p->a, (solvers + 1) * sizeof *curve);
    for (size_t s = 0; s < solvers; s++)
        curve[s] = make_profile(p, &x, s, end, ratio);
    p->panel = arena_alloc(p->a, sizeof *p->panel);
    p->panel[p->panels++] = (struct axes){
        .title = beyond_text(p, &x),
        .x_label = p->o->has_target
                       ? "updates to the target, over the least of all"
                       : arena_printf(p->a, "final %s, over the least of all",
                                      p->o->metrics > 0 && !measure_is_share(&p->o->metric[0])
                                          ? "loss"
                                          : "error rate"),
        .y_label = arena_printf(p->a, "problems solved (by %s)", problems_label(p)),
        .x_log = plot_log(p->o, 'x', true),
        .y_percent = true,
        .nothing = "no problem was solved",
        .curve = curve,
        .curves = any ? solvers : 0};
    p->columns = 1;
    p->shared_legend = any;
    return true;
}

/* ---- mean ranks ---- */

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

bool plot_ranks(struct plot *p, const struct collection *c, struct error *err)
{
    struct comparison_costs x;
    if (!costs_of(p, c, &x, err))
        return false;
    size_t n = x.solvers.groups, left = keep_tried(&x);
    if (n < 2)
        return error_set(err, ERR_USAGE, "ranks need two groups at least");
    if (x.problems < 2)
        return error_set(err, ERR_USAGE,
                         "every group has a run that ended on %zu of %zu problems (by %s), and "
                         "ranks need two: leave groups out with --where",
                         x.problems, x.problems + left, problems_label(p));
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
    struct axes axes = {.title = arena_printf(p->a, "over %zu problems (by %s%s)", x.problems,
                                              problems_label(p), note),
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
