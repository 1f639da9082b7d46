/* A comparison: its groups, their figures, their order. */
#include "study/comparison.h"
#include <stdlib.h>
#include <string.h>

bool comparison_other_keys(struct arena *a, const struct collection *c,
                           const struct comparison_options *o, struct comparison_keys but,
                           struct comparison_keys *ret, struct error *err)
{
    struct grouping all;
    if (!group_runs(a, c, o->by, o->n_by, &all, err))
        return false;
    *ret = (struct comparison_keys){arena_alloc(a, (all.keys + 1) * sizeof *ret->key), 0};
    for (size_t k = 0; k < all.keys; k++) {
        bool is_among = false;
        for (size_t i = 0; i < but.n; i++) {
            size_t at;
            if (!collect_find_key(c, but.key[i], &at, err))
                return false;
            is_among |= strcmp(c->key[at], all.key[k]) == 0;
        }
        if (!is_among)
            ret->key[ret->n++] = arena_strdup(a, all.key[k]);
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
    bool is_count = strcmp(by, "n") == 0, is_key = !is_count && collect_find_name(c, by, &key, err);
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
            p[i].value = -(double)s.n; /* as the column shows it */
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
    if (o->pairs && x.has_target) {
        if (!comparison_check_cost(c, o->cost, err))
            return false;
        comparison_race(a, c, o->cost, &x);
    }
    *ret = x;
    return true;
}
