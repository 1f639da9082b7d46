/* How long it took until a figure was reached: run by run, over groups, and in pairs. */
#include "num/paired.h"
#include "study/comparison.h"

const char *const profile_cost_names[] = {"epochs", "steps", "seconds", NULL};

/* ---- one run ---- */

static bool is_there(const struct epoch_row *row, const struct target *t)
{
    double v = row->value[t->metric];
    return metric_rises(t->metric) ? v >= t->value : v <= t->value;
}

static void note(const struct epoch_row *row, double seconds, double *ret)
{
    ret[PROFILE_EPOCHS] = (double)row->epoch;
    ret[PROFILE_STEPS] = (double)row->step;
    ret[PROFILE_SECONDS] = seconds;
}

/* The rows of a run and the seconds up to each. */
struct rows {
    struct epoch_row *row;
    size_t n;
    double *time;
};

static bool read_rows(struct arena *a, const struct collected_run *r, const struct target *t,
                      struct rows *ret, struct error *err)
{
    bool kept = false;
    if (!r->published)
        return run_read_epochs(a, r->folder, &ret->row, &ret->n, err) &&
               collect_times(a, r, ret->row, ret->n, &ret->time, err);
    *ret = (struct rows){r->row, r->rows, arena_alloc(a, (r->rows + 1) * sizeof *ret->time)};
    for (size_t i = 0; i < r->rows; i++) {
        ret->time[i] = (double)NAN; /* those of another machine */
        kept |= isfinite(r->row[i].value[t->metric]);
    }
    return kept ||
           error_set(err, ERR_USAGE, "published:%s keeps no %s of every epoch: no target by it",
                     r->published, metric_names[t->metric]);
}

bool run_reach(const struct collected_run *r, const struct target *t, struct reach *ret,
               struct error *err)
{
    struct arena a;
    struct rows rows = {0};
    size_t i = 0;
    *ret = (struct reach){.counts = r->status == STATUS_COMPLETED || r->status == STATUS_DIVERGED};
    for (int k = 0; k < PROFILE_COSTS; k++)
        ret->at[k] = ret->last[k] = (double)NAN;
    if (!ret->counts)
        return true;
    arena_init(&a);
    bool ok = read_rows(&a, r, t, &rows, err);
    while (ok && i < rows.n && !is_there(&rows.row[i], t))
        i++;
    if (ok && i < rows.n)
        note(&rows.row[i], rows.time[i], ret->at);
    if (ok && rows.n > 0)
        note(&rows.row[rows.n - 1], rows.time[rows.n - 1], ret->last);
    for (int k = 0; k < PROFILE_COSTS && r->status == STATUS_DIVERGED; k++)
        ret->last[k] = (double)INFINITY;
    arena_fini(&a);
    if (!ok && err->code == ERR_SYSTEM)
        err->code = ERR_DATA;
    return ok;
}

bool comparison_check_cost(const struct collection *c, enum profile_cost cost, struct error *err)
{
    for (size_t i = 0; cost == PROFILE_SECONDS && i < c->runs; i++)
        if (c->run[i].published)
            return error_set(err, ERR_USAGE,
                             "published:%s keeps no seconds, as they are another machine's: "
                             "count by '--cost steps' or '--cost epochs'",
                             c->run[i].published);
    return true;
}

/* ---- groups ---- */

/* reach: of each run of the group. */
static struct reached sum_up(const struct reach *reach, size_t n)
{
    double *v = mem_array((size_t)PROFILE_COSTS * n, sizeof *v);
    size_t runs = 0;
    for (size_t i = 0; i < n; i++) {
        if (!reach[i].counts)
            continue;
        for (size_t k = 0; k < (size_t)PROFILE_COSTS; k++)
            v[k * n + runs] = reach[i].at[k];
        runs++;
    }
    struct reached all = {.runs = runs,
                          .epochs = stats_summarize(v + (size_t)PROFILE_EPOCHS * n, runs),
                          .steps = stats_summarize(v + (size_t)PROFILE_STEPS * n, runs),
                          .seconds = stats_summarize(v + (size_t)PROFILE_SECONDS * n, runs)};
    mem_free(v);
    return all;
}

bool group_reached(const struct group *g, const struct target *t, struct reached *ret,
                   struct error *err)
{
    struct reach *reach = mem_array(g->n, sizeof *reach);
    bool ok = true;
    for (size_t i = 0; ok && i < g->n; i++)
        ok = run_reach(g->run[i], t, &reach[i], err);
    if (ok)
        *ret = sum_up(reach, g->n);
    mem_free(reach);
    return ok;
}

static struct stats_sample *sample_of(struct reached *r, enum profile_cost cost)
{
    return cost == PROFILE_EPOCHS ? &r->epochs : cost == PROFILE_STEPS ? &r->steps : &r->seconds;
}

/* The groups' intervals, as those of other figures. */
static void pool_cost(struct comparison *x, enum profile_cost cost)
{
    struct stats_sample *whole = mem_array(x->grouping.groups + 1, sizeof *whole);
    size_t n = 0;
    for (size_t i = 0; i < x->grouping.groups; i++)
        if (x->grouping.group[i].status[STATUS_DIVERGED] == 0)
            whole[n++] = *sample_of(&x->reached[i], cost);
    struct stats_pooled pooled = stats_pool(whole, n);
    for (size_t i = 0; i < x->grouping.groups; i++)
        group_take_interval(sample_of(&x->reached[i], cost), &pooled, false);
    mem_free(whole);
}

bool comparison_reach(struct arena *a, const struct collection *c, struct comparison *x,
                      struct error *err)
{
    struct reach *own = mem_array(c->runs, sizeof *own);
    bool ok = true;
    x->reach = arena_alloc(a, (c->runs + 1) * sizeof *x->reach);
    for (size_t i = 0; ok && i < c->runs; i++)
        ok = run_reach(&c->run[i], &x->target, &x->reach[i], err);
    for (size_t i = 0; ok && i < x->grouping.groups; i++) {
        const struct group *g = &x->grouping.group[i];
        for (size_t k = 0; k < g->n; k++)
            own[k] = x->reach[g->run[k] - c->run];
        x->reached[i] = sum_up(own, g->n);
    }
    for (int k = 0; k < PROFILE_COSTS; k++)
        pool_cost(x, (enum profile_cost)k);
    mem_free(own);
    return ok;
}

/* ---- pairs ---- */

/* Of the runs of a group with this number: their mean where all got there. */
struct side {
    double at, last;   /* as of struct reach; last: of the first that was given up */
    bool any, unknown; /* unknown: a number that should be there is not */
};

static struct side side_of(const struct group *g, const struct collection *c, const size_t *twin,
                           size_t number, const struct comparison *x)
{
    struct side s = {.at = 0, .last = (double)INFINITY};
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        size_t run = (size_t)(g->run[i] - c->run);
        const struct reach *r = &x->reach[run];
        if (twin[run] != number || !r->counts)
            continue;
        bool there = !isnan(r->at[PROFILE_EPOCHS]);
        s.at += r->at[x->cost]; /* NaN where one did not get there */
        s.last = there ? s.last : fmin(s.last, r->last[x->cost]);
        s.unknown |= isnan(there ? r->at[x->cost] : r->last[x->cost]);
        n++;
    }
    s.any = n > 0;
    s.at = n > 0 ? s.at / (double)n : (double)NAN;
    return s;
}

/* One minus other; infinite where one alone got there, NaN where nothing can be told. */
static double difference(const struct side *one, const struct side *other)
{
    if (one->unknown || other->unknown)
        return (double)NAN;
    if (!isnan(one->at) && !isnan(other->at))
        return one->at - other->at;
    if (isnan(one->at) && isnan(other->at))
        return 0;
    const struct side *there = isnan(one->at) ? other : one,
                      *given_up = isnan(one->at) ? one : other;
    if (given_up->last < there->at)
        return (double)NAN; /* it was not given as long as the other one took */
    return there == one ? -(double)INFINITY : (double)INFINITY;
}

static void count(struct race *r, const struct side *one, const struct side *other, double d)
{
    r->untold += isnan(d) ? 1 : 0;
    r->sooner += d < 0;
    r->later += d > 0;
    r->one_sided += isinf(d) ? 1 : 0;
    if (d < 0 || d > 0 || isnan(d))
        return;
    r->neither += isnan(one->at) && isnan(other->at);
    r->level += isnan(one->at) ? 0 : 1;
}

/* Never: a difference larger than all that are numbers, so the largest rank, which these share. */
static void test(const double *d, const double *within, size_t n, struct race *ret)
{
    double *v = mem_array(n, sizeof *v), largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = isfinite(d[i]) ? fmax(largest, fabs(d[i]) + within[i]) : largest;
    for (size_t i = 0; i < n; i++)
        v[i] = isfinite(d[i]) ? d[i] : copysign(2 * largest + 1, d[i]);
    ret->p = ret->adjusted = stats_wilcoxon(v, within, n);
    ret->least = stats_wilcoxon_least(v, within, n);
    mem_free(v);
}

static struct race race_of(const struct group *one, const struct group *other,
                           const struct collection *c, const size_t *twin,
                           const struct comparison *x)
{
    double *d = mem_array(one->n, sizeof *d), *within = mem_array(one->n, sizeof *within);
    struct race r = {0};
    size_t n = 0;
    for (size_t i = 0; i < one->n; i++) {
        size_t number = twin[one->run[i] - c->run], k = 0;
        while (k < i && twin[one->run[k] - c->run] != number)
            k++;
        if (k < i)
            continue;
        struct side mine = side_of(one, c, twin, number, x),
                    its = side_of(other, c, twin, number, x);
        if (!mine.any || !its.any)
            continue;
        double by = difference(&mine, &its);
        count(&r, &mine, &its, by);
        if (isnan(by))
            continue;
        within[n] = isnan(mine.at + its.at) ? 0 : STATS_NINE_DIGITS * (mine.at + its.at);
        d[n++] = by;
    }
    r.pairs = n;
    test(d, within, n, &r);
    r.median = r.neither < n ? stats_median(d, n) : (double)NAN; /* which sorts them */
    mem_free(d);
    mem_free(within);
    return r;
}

void comparison_race(struct arena *a, const struct collection *c, enum profile_cost cost,
                     struct comparison *x)
{
    size_t n = x->grouping.groups;
    const size_t *twin = group_twins(a, c, &x->grouping);
    double *p = mem_array(n, sizeof *p);
    x->cost = cost;
    x->race = arena_alloc(a, (n + 1) * sizeof *x->race);
    for (size_t i = 0; i < n; i++) {
        p[i] = (double)NAN;
        if (i == x->reference)
            continue;
        x->race[i] = race_of(&x->grouping.group[i], &x->grouping.group[x->reference], c, twin, x);
        p[i] = x->race[i].p;
    }
    stats_holm(p, n);
    for (size_t i = 0; i < n; i++)
        x->race[i].adjusted = p[i];
    mem_free(p);
}
