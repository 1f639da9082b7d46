#include "study/comparison.h"
#include <stdlib.h>
#include <string.h>

struct stats_sample group_sample(const struct group *g, const struct measure *m)
{
    double *v = mem_array(g->n, sizeof *v);
    size_t lacking = 0;
    for (size_t i = 0; i < g->n; i++) {
        v[i] = g->run[i]->status == STATUS_COMPLETED ? measure_of(m, g->run[i]) : (double)NAN;
        lacking += g->run[i]->status == STATUS_COMPLETED && !isfinite(v[i]);
    }
    /* Where the test set is evaluated at the end alone, only runs whose last epoch is their best
     * would count. */
    struct stats_sample s = stats_of(v, m->best && lacking > 0 ? 0 : g->n);
    mem_free(v);
    return s;
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
    for (size_t i = 0; i < g->groups; i++) {
        if (ret[i].n <= POOLED_MOST)
            stats_take_interval(&ret[i], &pooled);
        if (measure_is_share(m) && isfinite(ret[i].low)) {
            ret[i].low = fmax(ret[i].low, 0);
            ret[i].high = fmin(ret[i].high, 1);
        }
    }
    mem_free(whole);
    return pooled;
}

/* ---- which one leads ---- */

bool group_lost(const struct group *g)
{
    return g->status[STATUS_DIVERGED] + g->status[STATUS_FAILED] > 0;
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
        if (v[i].sample->n < 2)
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

/* ---- all of it ---- */

static bool has_value(const struct collection *c, const struct measure *m)
{
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].status == STATUS_COMPLETED && isfinite(measure_of(m, &c->run[i])))
            return true;
    return false;
}

struct measure comparison_default_measure(const struct collection *c)
{
    static const enum metric wanted[] = {METRIC_VALID_ACCURACY, METRIC_TEST_ACCURACY,
                                         METRIC_TRAIN_ACCURACY};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct measure m = {wanted[i], false};
        if (has_value(c, &m))
            return m;
    }
    return (struct measure){METRIC_VALID_ACCURACY, false};
}

static bool has_completed(const struct collection *c)
{
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].status == STATUS_COMPLETED)
            return true;
    return false;
}

bool comparison_chooser(const struct collection *c, const char *metric, const char *what,
                        struct measure *ret, struct error *err)
{
    *ret = (struct measure){METRIC_VALID_ACCURACY, false};
    if (metric && !measure_parse(metric, ret, err))
        return false;
    if (metric_is_test(ret->metric))
        return error_set(err, ERR_USAGE,
                         "%s chooses, and what was chosen by test figures has none that count: "
                         "choose by --metric valid_accuracy, say",
                         what);
    if (!metric && has_completed(c) && !has_value(c, ret))
        return error_set(err, ERR_USAGE,
                         "%s chooses, and there is no validation set to choose by (test figures "
                         "choose nothing): set dataset.validation, or choose by --metric "
                         "train_accuracy, say",
                         what);
    return true;
}

bool comparison_other_keys(struct arena *a, const struct collection *c,
                           const struct comparison_options *o, const char *const *but, size_t n_but,
                           char ***ret, size_t *ret_n, struct error *err)
{
    struct grouping all;
    if (!group_runs(a, c, o->by, o->n_by, &all, err))
        return false;
    *ret = arena_alloc(a, (all.keys + 1) * sizeof **ret);
    *ret_n = 0;
    for (size_t k = 0; k < all.keys; k++) {
        bool is_among = false;
        for (size_t i = 0; i < n_but; i++) {
            size_t at;
            if (!collect_find_key(c, but[i], &at, err))
                return false;
            is_among |= strcmp(c->key[at], all.key[k]) == 0;
        }
        if (!is_among)
            (*ret)[(*ret_n)++] = arena_strdup(a, all.key[k]);
    }
    return true;
}

struct placed {
    size_t group;
    double value; /* less is earlier; NaN last */
    const char *text;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (x->value < y->value || x->value > y->value)
        return x->value < y->value ? -1 : 1;
    int order = x->text && y->text ? strcmp(x->text, y->text) : 0;
    return order ? order : x->group < y->group ? -1 : x->group > y->group;
}

/* By a figure (the best first), a key (ascending) or the number of runs; without any, as they
 * lead. */
static bool order_groups(struct arena *a, const struct collection *c, const char *by,
                         struct comparison *x, struct error *err)
{
    struct placed *p = arena_alloc(a, (x->grouping.groups + 1) * sizeof *p);
    struct measure m = x->measure;
    struct error other;
    size_t key = 0, n = x->grouping.groups;
    if (!by || strcmp(by, "rank") == 0)
        return true;
    bool is_count = strcmp(by, "n") == 0, is_key = !is_count && collect_find_key(c, by, &key, err);
    bool is_measure = !is_count && !is_key && measure_parse(by, &m, &other);
    if (!is_measure && !is_count && !is_key)
        return error_prefix(err, "cannot sort by it: ");
    for (size_t i = 0; i < n; i++) {
        const struct group *g = &x->grouping.group[i];
        const struct collected_value *v = g->run[0]->value[key];
        struct stats_sample s = group_sample(g, &m);
        p[i] = (struct placed){.group = i};
        if (is_measure)
            p[i].value = metric_rises(m.metric) ? -s.mean : s.mean;
        else if (is_count)
            p[i].value = -(double)g->n;
        else
            p[i] = (struct placed){i, v && v->type == EXPR_NUMBER ? v->number : -1e308,
                                   v ? v->text : ""};
    }
    if (n > 1)
        qsort(p, n, sizeof *p, compare_placed);
    for (size_t i = 0; i < n; i++)
        x->order[i] = p[i].group;
    return true;
}

bool comparison_make(struct arena *a, const struct collection *c,
                     const struct comparison_options *o, struct comparison *ret, struct error *err)
{
    struct comparison x = {.measure = comparison_default_measure(c)};
    if ((o->metric && !measure_parse(o->metric, &x.measure, err)) ||
        !group_runs(a, c, o->by, o->n_by, &x.grouping, err))
        return false;
    size_t n = x.grouping.groups;
    x.order = arena_alloc(a, (n + 1) * sizeof *x.order);
    x.sample = arena_alloc(a, (n + 1) * sizeof *x.sample);
    x.rank = arena_alloc(a, (n + 1) * sizeof *x.rank);
    x.reached = arena_alloc(a, (n + 1) * sizeof *x.reached);
    x.pooled = group_samples(&x.grouping, &x.measure, x.sample);
    bool *lost = arena_alloc(a, (n + 1) * sizeof *lost);
    for (size_t i = 0; i < n; i++)
        lost[i] = group_lost(&x.grouping.group[i]);
    group_ranks(x.sample, lost, n, metric_rises(x.measure.metric), x.rank, x.order);
    if (!order_groups(a, c, o->sort, &x, err))
        return false;
    x.has_target = o->target != NULL;
    if (o->target && !target_parse(o->target, &x.target, err))
        return false;
    if (x.has_target && !comparison_reach(a, c, &x, err))
        return false;
    if (o->pairs && !comparison_pair(a, c, o, &x, err))
        return false;
    if (o->pairs && x.has_target)
        comparison_race(a, c, o->cost, &x);
    *ret = x;
    return true;
}
