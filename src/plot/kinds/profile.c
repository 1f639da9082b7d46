/* Performance profiles: the share of problems that each group solves within a multiple of the
 * least cost. */
#include "figure/figure.h"
#include "plot/problems.h"

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

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    struct comparison_costs x;
    if (!plot_costs(p, c, &x, err))
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
        .y_label = arena_printf(p->a, "problems solved (by %s)", plot_problems_label(p)),
        .x_log = plot_log(p->o, 'x', true),
        .y_percent = true,
        .nothing = "no problem was solved",
        .curve = curve,
        .curves = any ? solvers : 0};
    p->columns = 1;
    p->shared_legend = any;
    return true;
}

const struct plot_kind plot_profile = {
    .name = "profile",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_GROUP_BY | PLOT_TAKES_OVER | PLOT_TAKES_LOG |
             PLOT_TAKES_RANGE | PLOT_TAKES_X_RANGE | PLOT_TAKES_TARGET,
    .wants_rows = true,
};
