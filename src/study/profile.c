/* Performance profiles (Dolan and More 2002): r(s, p) is solver s's cost on problem p over the
 * least of all solvers there; rho_s(tau), the share of problems with r(s, p) <= tau. */
#include "study/comparison.h"
#include "study/comparison_table.h"
#include <stdlib.h>

enum { TAUS = 6 };
static const double cost_taus[TAUS] = {1, 1.25, 1.5, 2, 4, 8};
static const double error_taus[TAUS] = {1,    1.05, 1.1,
                                        1.25, 1.5,  2}; /* final errors lie closer together */

struct profile {
    double rho[TAUS], area;
    size_t solved;
};

/* The mean cost of the runs; infinite where one did not get there, or there is none. */
static bool cost_of(const struct group *g, const struct measure *m, const struct target *t,
                    enum profile_cost what, double *ret, struct error *err)
{
    *ret = (double)INFINITY;
    if (!t) {
        struct stats_sample s = group_sample(g, m);
        if (s.n > 0 && !group_lost(g))
            *ret = fmax(measure_is_share(m) ? 1 - s.mean : s.mean, 0);
        return true;
    }
    struct reached r;
    if (!group_reached(g, t, &r, err))
        return false;
    const struct stats_sample *s = what == PROFILE_EPOCHS  ? &r.epochs
                                   : what == PROFILE_STEPS ? &r.steps
                                                           : &r.seconds;
    if (r.runs > 0 && r.epochs.n == r.runs && g->status[STATUS_FAILED] == 0 && s->n > 0)
        *ret = s->mean;
    return true;
}

/* The runs that two groups have in common. */
static struct group common(struct arena *a, const struct group *x, const size_t *of, size_t wanted,
                           const struct collection *c)
{
    struct group g = {.run = arena_alloc(a, (x->n + 1) * sizeof *g.run)};
    for (size_t i = 0; i < x->n; i++)
        if (of[x->run[i] - c->run] == wanted) {
            g.run[g.n++] = x->run[i];
            g.status[x->run[i]->status]++;
        }
    return g;
}

double comparison_ratio(const struct comparison_costs *x, size_t solver, size_t problem)
{
    double mine = x->cost[solver * x->problems + problem], least = x->least[problem];
    if (!isfinite(mine))
        return (double)INFINITY;
    if (stats_alike(mine, least, x->within))
        return 1;
    return least > 0 ? mine / least : (double)INFINITY;
}

size_t comparison_beyond(const struct comparison_costs *x)
{
    size_t n = 0;
    for (size_t s = 0; s < x->solvers.groups; s++)
        for (size_t p = 0; p < x->problems; p++)
            n += isfinite(x->cost[s * x->problems + p]) && !isfinite(comparison_ratio(x, s, p));
    return n;
}

/* Whether the cost is within the multiple tau of the least, to the digits that were read. */
static bool is_within(const struct comparison_costs *x, size_t solver, size_t problem, double tau)
{
    double mine = x->cost[solver * x->problems + problem], most = tau * x->least[problem];
    return comparison_ratio(x, solver, problem) <= tau ||
           (isfinite(mine) && stats_alike(mine, most, tau * x->within));
}

static void rate(const struct comparison_costs *x, const double *taus, struct profile *ret)
{
    for (size_t s = 0; s < x->solvers.groups; s++) {
        for (size_t p = 0; p < x->problems; p++) {
            ret[s].solved += isfinite(x->cost[s * x->problems + p]) ? 1 : 0;
            for (size_t i = 0; i < TAUS; i++)
                ret[s].rho[i] += is_within(x, s, p, taus[i]);
        }
        for (size_t i = 0; i < TAUS; i++) {
            ret[s].rho[i] /= (double)x->problems;
            ret[s].area += ret[s].rho[i];
        }
    }
}

struct placed {
    size_t group;
    double area;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->area < y->area || x->area > y->area)
        return x->area < y->area ? 1 : -1;
    return x->group < y->group ? -1 : x->group > y->group;
}

static void make_table(struct arena *a, const struct comparison_costs *x, const double *taus,
                       const struct profile *v, bool raw, struct table *ret)
{
    const struct grouping *solvers = &x->solvers;
    size_t problems = x->problems;
    size_t n = solvers->groups, *group = arena_alloc(a, (n + 1) * sizeof *group);
    struct placed *row = arena_alloc(a, (n + 1) * sizeof *row);
    struct table_builder b = {.a = a, .rows = n};
    for (size_t i = 0; i < n; i++)
        row[i] = (struct placed){i, v[i].area};
    if (n > 1)
        qsort(row, n, sizeof *row, compare_placed);
    for (size_t i = 0; i < n; i++)
        group[i] = row[i].group;
    comparison_add_keys(&b, solvers, group, raw);
    for (size_t t = 0; t < TAUS; t++) {
        const char **cell =
            table_add_column(&b, arena_printf(a, raw ? "rho.%g" : "≤ %g", taus[t]), false, false);
        for (size_t r = 0; r < n; r++)
            cell[r] = arena_printf(a, raw ? "%.9g" : "%.2f", v[group[r]].rho[t]);
    }
    const char **solved = table_add_column(&b, "solved", false, false);
    const char **of = raw ? table_add_column(&b, "problems", false, false) : solved;
    for (size_t r = 0; r < n; r++) {
        of[r] = arena_printf(a, "%zu", problems);
        solved[r] = arena_printf(a, raw ? "%zu" : "%zu of %zu", v[group[r]].solved, problems);
    }
    table_finish(&b, ret);
}

/* Of all solvers, for each problem. */
static double *least_costs(struct arena *a, const double *cost, size_t cells, size_t problems)
{
    double *least = arena_alloc(a, (problems + 1) * sizeof *least);
    for (size_t p = 0; p < problems; p++)
        least[p] = (double)INFINITY;
    for (size_t i = 0; i < cells; i++)
        least[i % problems] = fmin(least[i % problems], cost[i]);
    return least;
}

/* What is missing: solvers, or problems. */
static bool lacks(struct arena *a, const struct comparison_options *o, bool solvers,
                  struct error *err)
{
    const char *by = "";
    for (size_t i = 0; i < o->problems; i++)
        by = arena_printf(a, "%s%s%s", by, i > 0 ? ", " : "", o->problem[i]);
    if (solvers)
        return error_set(err, ERR_USAGE,
                         "nothing but the problem (%s) differs between these runs: there are no "
                         "solvers to compare",
                         by);
    return error_set(err, ERR_USAGE,
                     "these runs are all of one problem (by %s), and profiles and ranks are over "
                     "several; '%s KEY' names what tells problems apart",
                     by, o->asks);
}

bool comparison_costs(struct arena *a, const struct collection *c,
                      const struct comparison_options *o, struct comparison_costs *ret,
                      struct error *err)
{
    struct grouping problems, solvers;
    struct measure m = comparison_default_measure(c);
    struct target target;
    struct comparison_keys by;
    if ((o->metric && !measure_parse(o->metric, &m, err)) ||
        (o->target && !target_parse(o->target, &target, err)) ||
        (o->target && !comparison_check_cost(c, o->cost, err)) ||
        !group_runs(a, c, o->problem, o->problems, &problems, err) ||
        !comparison_other_keys(a, c, o, (struct comparison_keys){o->problem, o->problems}, &by,
                               err))
        return false;
    if (by.n == 0 || problems.groups < 2)
        return lacks(a, o, by.n == 0, err);
    if (!group_runs(a, c, by.key, by.n, &solvers, err))
        return false;
    size_t *problem_of = arena_alloc(a, (c->runs + 1) * sizeof *problem_of);
    for (size_t p = 0; p < problems.groups; p++)
        for (size_t r = 0; r < problems.group[p].n; r++)
            problem_of[problems.group[p].run[r] - c->run] = p;
    size_t cells = solvers.groups * problems.groups, untried = 0;
    double *cost = arena_alloc(a, (cells + 1) * sizeof *cost);
    bool *tried = arena_alloc(a, cells + 1);
    for (size_t i = 0; i < cells; i++) {
        struct group g =
            common(a, &solvers.group[i / problems.groups], problem_of, i % problems.groups, c);
        tried[i] =
            g.status[STATUS_COMPLETED] + g.status[STATUS_DIVERGED] + g.status[STATUS_FAILED] > 0;
        untried += !tried[i];
        if (!cost_of(&g, &m, o->target ? &target : NULL, o->cost, &cost[i], err))
            return false;
    }
    *ret = (struct comparison_costs){
        .solvers = solvers,
        .problems = problems.groups,
        .untried = untried,
        .cost = cost,
        .least = least_costs(a, cost, cells, problems.groups),
        /* an error rate is read as 1 less the accuracy */
        .within = !o->target && measure_is_share(&m) ? 2 * STATS_NINE_DIGITS : 0,
        .tried = tried};
    return true;
}

bool comparison_profile(struct arena *a, const struct collection *c,
                        const struct comparison_options *o, bool raw,
                        struct comparison_profiles *ret, struct error *err)
{
    struct comparison_costs x;
    if (!comparison_costs(a, c, o, &x, err))
        return false;
    struct profile *v = arena_alloc(a, (x.solvers.groups + 1) * sizeof *v);
    const double *taus = o->target ? cost_taus : error_taus;
    rate(&x, taus, v);
    make_table(a, &x, taus, v, raw, &ret->table);
    ret->untried = x.untried;
    ret->beyond = comparison_beyond(&x);
    ret->cells = x.solvers.groups * x.problems;
    return true;
}
