/* The figures of groups of runs, and which group leads. */
#include "num/student.h"
#include "study/comparison.h"
#include <stdlib.h>

struct stats_sample group_sample(const struct group *g, const struct measure *m)
{
    double *v = mem_array(g->n, sizeof *v);
    size_t lacking = 0;
    for (size_t i = 0; i < g->n; i++) {
        v[i] = g->run[i]->status == STATUS_COMPLETED ? measure_value(m, g->run[i]) : (double)NAN;
        lacking += g->run[i]->status == STATUS_COMPLETED && !isfinite(v[i]);
    }
    /* Where the test set is evaluated at the end alone, only runs whose last epoch is their best
     * would count. */
    struct stats_sample s = stats_summarize(v, m->best && lacking > 0 ? 0 : g->n);
    mem_free(v);
    return s;
}

void group_take_interval(struct stats_sample *s, const struct stats_pooled *pooled, bool share)
{
    if (s->n <= POOLED_MOST)
        stats_take_interval(s, pooled);
    if (share && isfinite(s->low)) {
        s->low = fmax(s->low, 0);
        s->high = fmin(s->high, 1);
    }
}

struct stats_pooled group_samples(const struct grouping *g, const struct measure *m,
                                  struct stats_sample *ret)
{
    struct stats_sample *whole = mem_array(g->groups + 1, sizeof *whole);
    size_t n = 0;
    for (size_t i = 0; i < g->groups; i++) {
        ret[i] = group_sample(&g->group[i], m);
        if (g->group[i].status[STATUS_DIVERGED] == 0)
            whole[n++] = ret[i];
    }
    struct stats_pooled pooled = stats_pool(whole, n);
    for (size_t i = 0; i < g->groups; i++)
        group_take_interval(&ret[i], &pooled, measure_is_share(m));
    mem_free(whole);
    return pooled;
}

/* Whether a share of the pooled sum of squares so large, of so many degrees of freedom, is no
 * chance at 5 %: the F test of one variance against those of the others, by as many groups as it
 * could have been (Cochran 1941, Annals of Eugenics 11, for groups of one size). */
static bool is_outlier(double share, size_t freedom, const struct stats_pooled *all)
{
    double own = (double)freedom, others = (double)(all->freedom - freedom);
    return others > 0 &&
           (double)all->samples * stats_beta(fmax(0, 1 - share), others / 2, own / 2) < 0.05;
}

const struct group *comparison_wild(const struct comparison *x)
{
    double sum = (double)x->pooled.freedom * x->pooled.sd * x->pooled.sd;
    const struct group *wild = NULL;
    bool small = false;
    for (size_t i = 0; i < x->grouping.groups && x->pooled.samples > 1; i++) {
        const struct stats_sample *s = &x->sample[i];
        small |= s->n > 0 && s->n <= POOLED_MOST;
        if (s->n > 1 && x->grouping.group[i].status[STATUS_DIVERGED] == 0 &&
            (double)(s->n - 1) * s->sd * s->sd > sum / 2 &&
            is_outlier((double)(s->n - 1) * s->sd * s->sd / sum, s->n - 1, &x->pooled))
            wild = &x->grouping.group[i];
    }
    return small ? wild : NULL;
}

/* ---- which one leads ---- */

bool group_lost(const struct group *g)
{
    return g->status[STATUS_DIVERGED] + g->status[STATUS_FAILED] > 0;
}

static size_t first_place(const struct group *g)
{
    size_t first = g->run[0]->place;
    for (size_t i = 1; i < g->n; i++)
        first = g->run[i]->place < first ? g->run[i]->place : first;
    return first;
}

bool group_leads(const struct group *x, const struct stats_sample *its, const struct group *y,
                 const struct stats_sample *other, bool rises)
{
    bool lost = group_lost(x), other_lost = group_lost(y);
    if (stats_leads(its, lost, other, other_lost, rises))
        return true;
    return !stats_leads(other, other_lost, its, lost, rises) && first_place(x) < first_place(y);
}

struct ranked {
    size_t index;
    const struct stats_sample *sample;
    bool lost, rises;
};

static int compare_means(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (stats_leads(x->sample, x->lost, y->sample, y->lost, x->rises))
        return -1;
    if (stats_leads(y->sample, y->lost, x->sample, x->lost, x->rises))
        return 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Whether the interval of x lies wholly on the better side of y's. */
static bool beats(const struct ranked *x, const struct ranked *y)
{
    return x->rises ? x->sample->low > y->sample->high : x->sample->high < y->sample->low;
}

void group_ranks(const struct stats_sample *s, const bool *lost, size_t n, bool rises,
                 size_t *ret_rank, size_t *ret_order)
{
    struct ranked *v = mem_array(n + 1, sizeof *v);
    const struct ranked *leader = NULL;
    size_t ranked = 0, rank = 0;
    for (size_t i = 0; i < n; i++)
        v[i] = (struct ranked){i, &s[i], lost[i], rises};
    if (n > 1)
        qsort(v, n, sizeof *v, compare_means);
    for (size_t i = 0; i < n; i++) {
        ret_order[i] = v[i].index;
        ret_rank[v[i].index] = 0;
        if (v[i].sample->n < 2 || !isfinite(v[i].sample->low))
            continue;
        if (!leader || leader->lost != v[i].lost || beats(leader, &v[i])) {
            leader = &v[i];
            rank = ranked + 1;
        }
        ret_rank[v[i].index] = rank;
        ranked++;
    }
    mem_free(v);
}
