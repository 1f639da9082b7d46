/* Synchronous successive halving: Jamieson and Talwalkar 2016, "Non-stochastic best arm
 * identification and hyperparameter optimization"; with several brackets Hyperband (Li et al.
 * 2018). A rung ends when all of it have reached its epoch; the best 1 / eta continue, ties by the
 * members' order. Groups of seeds continue or end whole. A diverged member is the worst; one that
 * failed tells nothing of its setting, and its rung waits until it has been trained. */
#include "num/sample.h"
#include "sweep/internal.h"
#include <stdlib.h>
#include <string.h>

/* Members of a bracket that differ in the seed alone: they continue or end together. */
struct entrant {
    size_t n, *member;
    bool lost; /* some diverged */
    struct stats_sample value;
};

/* Where all members stand. */
struct standing {
    const struct sweep *s;
    const char *folder;
    const struct sweep_state *state;
    const bool *copy; /* another member is the same run */
};

static int by_rank(const void *a, const void *b)
{
    const struct entrant *x = a, *y = b;
    if (stats_leads(&x->value, x->lost, &y->value, y->lost, true))
        return -1;
    if (stats_leads(&y->value, y->lost, &x->value, x->lost, true))
        return 1;
    return (x->member[0] > y->member[0]) - (x->member[0] < y->member[0]);
}

/* The metric after this epoch, or after the last one of a run that ended before; its sign so that
 * higher is better. */
static double value_at(const struct standing *x, size_t member, int metric, int64_t epoch)
{
    struct arena a;
    struct epoch_row *rows;
    size_t n;
    struct error err;
    double v = (double)NAN;
    arena_init(&a);
    if (run_read_epochs(&a, arena_printf(&a, "%s/%s", x->folder, x->s->member[member].folder),
                        &rows, &n, &err))
        for (size_t i = 0; i < n; i++)
            if (rows[i].epoch <= epoch)
                v = rows[i].value[metric];
    arena_fini(&a);
    return metric_rises((enum metric)metric) ? v : -v;
}

/* A failed one may have been writing what belongs to its last epoch. */
static bool has_reached(const struct run_summary *r, int64_t epoch)
{
    if (r->status == STATUS_FAILED)
        return r->epoch > epoch;
    return !status_is_open(r->status) || (r->status == STATUS_INTERRUPTED && r->epoch >= epoch);
}

/* Sends all of them on to `epoch`; returns whether they are there. */
static bool send(const struct standing *x, const struct entrant *v, size_t n, int64_t epoch,
                 struct rung_order *ret)
{
    bool there = true;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i].n; k++) {
            size_t member = v[i].member[k];
            bool whole = sweep_member_epochs(x->s, member) <= epoch;
            ret[member].until = whole ? 0 : epoch;
            there &= has_reached(&x->state[member].run, whole ? INT64_MAX : epoch);
        }
    return there;
}

/* The bracket's members in their groups, each group where its first member is. */
static struct entrant *entrants_of(const struct sweep *s, const struct sweep_bracket *b,
                                   struct arena *a, size_t *ret_n)
{
    struct entrant *v = arena_alloc(a, (b->n + 1) * sizeof *v);
    size_t n = 0, *at = arena_alloc(a, (s->groups + 1) * sizeof *at),
           *size = arena_alloc(a, (s->groups + 1) * sizeof *size);
    for (size_t i = b->from; i < b->from + b->n; i++)
        size[s->member[i].group]++;
    for (size_t i = b->from; i < b->from + b->n; i++) {
        size_t g = s->member[i].group;
        if (at[g] == 0) {
            v[n] = (struct entrant){.member = arena_alloc(a, size[g] * sizeof *v->member)};
            at[g] = ++n;
        }
        struct entrant *e = &v[at[g] - 1];
        e->member[e->n++] = i;
    }
    *ret_n = n;
    return v;
}

/* The mean over seeds of the metric, each run once; its sign so that higher is better. */
static void value_group(const struct standing *x, int metric, int64_t epoch, struct entrant *e)
{
    double *v = mem_array(e->n + 1, sizeof *v);
    size_t n = 0;
    e->lost = false;
    for (size_t k = 0; k < e->n; k++) {
        size_t member = e->member[k];
        if (x->copy[member])
            continue;
        bool out = x->state[member].run.status == STATUS_DIVERGED;
        v[n++] = out ? (double)NAN : value_at(x, member, metric, epoch);
        e->lost |= out;
    }
    e->value = stats_spread(v, n);
    mem_free(v);
}

static void plan_bracket(const struct standing *x, const struct sweep_bracket *b,
                         struct rung_order *ret)
{
    struct arena a;
    int64_t longest = 0;
    size_t n;
    arena_init(&a);
    struct entrant *v = entrants_of(x->s, b, &a, &n);
    for (size_t i = b->from; i < b->from + b->n; i++) {
        int64_t epochs = sweep_member_epochs(x->s, i);
        longest = epochs > longest ? epochs : longest;
    }
    for (int64_t rung = b->first; n > 0 && send(x, v, n, rung, ret) && rung < longest;) {
        for (size_t i = 0; i < n; i++)
            value_group(x, b->metric, rung, &v[i]);
        qsort(v, n, sizeof *v, by_rank);
        size_t keep = n / (size_t)b->eta > 0 ? n / (size_t)b->eta : 1;
        for (size_t i = keep; i < n; i++)
            for (size_t k = 0; k < v[i].n; k++)
                ret[v[i].member[k]].pruned = true;
        n = keep;
        rung = rung > longest / b->eta ? longest : rung * b->eta;
    }
    arena_fini(&a);
}

/* As plan_bracket, whoever is the best. */
static double work_of_bracket(const struct sweep *s, const struct sweep_bracket *b)
{
    struct arena a;
    int64_t longest = 1, before = 0;
    size_t n;
    arena_init(&a);
    entrants_of(s, b, &a, &n);
    for (size_t i = b->from; i < b->from + b->n; i++) {
        int64_t epochs = sweep_member_epochs(s, i);
        longest = epochs > longest ? epochs : longest;
    }
    double members = n > 0 ? (double)b->n / (double)n : 0, sum = 0; /* of an entrant */
    for (int64_t rung = b->first; n > 0 && before < longest;) {
        rung = rung < longest ? rung : longest;
        sum += (double)n * members * (double)(rung - before) / (double)longest;
        before = rung;
        n = n / (size_t)b->eta > 0 ? n / (size_t)b->eta : 1;
        rung = rung > longest / b->eta ? longest : rung * b->eta;
    }
    arena_fini(&a);
    return sum;
}

double sweep_work_of_rungs(const struct sweep *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->brackets; i++)
        sum += work_of_bracket(s, &s->bracket[i]);
    return sum;
}

void sweep_plan_rungs(const struct sweep *s, const char *folder, const struct sweep_state *states,
                      struct rung_order *ret)
{
    bool *copy = sweep_find_copies(s, states);
    const struct standing x = {s, folder, states, copy};
    memset(ret, 0, s->members * sizeof *ret);
    for (size_t i = 0; i < s->brackets; i++)
        plan_bracket(&x, &s->bracket[i], ret);
    mem_free(copy);
}
