/* Synchronous successive halving: Jamieson and Talwalkar 2016, "Non-stochastic best arm
 * identification and hyperparameter optimization"; with several brackets Hyperband (Li et al.
 * 2018). A rung ends when all of it have reached its epoch; the best 1 / eta go on, ties by the
 * members' order. */
#include "sweep/internal.h"
#include <stdlib.h>
#include <string.h>

struct entrant {
    size_t member;
    double value; /* higher is better; NAN: out by itself */
};

static int by_rank(const void *a, const void *b)
{
    const struct entrant *x = a, *y = b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (x->value > y->value || x->value < y->value)
        return x->value > y->value ? -1 : 1;
    return (x->member > y->member) - (x->member < y->member);
}

/* The metric after this epoch, or after the last one of a run that ended before; its sign so that
 * higher is better. */
static double value_at(const struct sweep *s, const char *folder, size_t member, int metric,
                       int64_t epoch)
{
    struct arena a;
    struct epoch_row *rows;
    size_t n;
    struct error err;
    double v = (double)NAN;
    arena_init(&a);
    if (run_read_epochs(&a, arena_printf(&a, "%s/%s", folder, s->member[member].folder), &rows,
                        &n, &err))
        for (size_t i = 0; i < n; i++)
            if (rows[i].epoch <= epoch)
                v = rows[i].value[metric];
    arena_fini(&a);
    return metric_rises((enum metric)metric) ? v : -v;
}

static bool is_out(const struct run_summary *r)
{
    return strcmp(r->status, "diverged") == 0 || strcmp(r->status, "failed") == 0;
}

static bool has_reached(const struct run_summary *r, int64_t epoch)
{
    bool ended =
        strcmp(r->status, "completed") == 0 || strcmp(r->status, "pruned") == 0 || is_out(r);
    return ended || (strcmp(r->status, "interrupted") == 0 && r->epoch >= epoch);
}

/* Sends all of them on to `epoch`; returns whether they are there. */
static bool send(const struct sweep *s, const struct sweep_state *states,
                 const struct entrant *v, size_t n, int64_t epoch, struct rung_order *ret)
{
    bool there = true;
    for (size_t i = 0; i < n; i++) {
        bool whole = sweep_member_epochs(s, v[i].member) <= epoch;
        ret[v[i].member].until = whole ? 0 : epoch;
        there &= has_reached(&states[v[i].member].run, whole ? INT64_MAX : epoch);
    }
    return there;
}

static void plan_bracket(const struct sweep *s, const struct sweep_bracket *b,
                         const char *folder, const struct sweep_state *states,
                         struct rung_order *ret)
{
    struct entrant *v = mem_array(b->n + 1, sizeof *v);
    int64_t longest = 0;
    size_t n = b->n;
    for (size_t i = 0; i < n; i++) {
        v[i].member = b->from + i;
        int64_t epochs = sweep_member_epochs(s, v[i].member);
        longest = epochs > longest ? epochs : longest;
    }
    for (int64_t rung = b->first;
         n > 0 && send(s, states, v, n, rung, ret) && rung < longest;) {
        for (size_t i = 0; i < n; i++)
            v[i].value = is_out(&states[v[i].member].run)
                             ? (double)NAN
                             : value_at(s, folder, v[i].member, b->metric, rung);
        qsort(v, n, sizeof *v, by_rank);
        size_t keep = n / (size_t)b->eta > 0 ? n / (size_t)b->eta : 1;
        for (size_t i = keep; i < n; i++)
            ret[v[i].member].pruned = true;
        n = keep;
        rung = rung > longest / b->eta ? longest : rung * b->eta;
    }
    mem_free(v);
}

void sweep_plan_rungs(const struct sweep *s, const char *folder,
                      const struct sweep_state *states, struct rung_order *ret)
{
    memset(ret, 0, s->members * sizeof *ret);
    for (size_t i = 0; i < s->brackets; i++)
        plan_bracket(s, &s->bracket[i], folder, states, ret);
}
