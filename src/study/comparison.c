#include "study/comparison.h"
#include <stdlib.h>
#include <string.h>

struct stats_sample group_sample(const struct group *g, const struct measure *m)
{
    double *v = mem_array(g->n, sizeof *v);
    size_t lacking = 0;
    for (size_t i = 0; i < g->n; i++) {
        v[i] = g->run[i]->status == COLLECT_COMPLETED ? measure_of(m, g->run[i]) : (double)NAN;
        lacking += g->run[i]->status == COLLECT_COMPLETED && !isfinite(v[i]);
    }
    /* Where the test set is evaluated at the end alone, only runs whose last epoch is their best
     * would count. */
    struct stats_sample s = stats_of(v, m->best && lacking > 0 ? 0 : g->n);
    mem_free(v);
    return s;
}

struct ranked {
    size_t index;
    const struct stats_sample *sample;
    bool rises;
};

static int compare_means(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if ((x->sample->n == 0) != (y->sample->n == 0))
        return x->sample->n == 0 ? 1 : -1;
    if (x->sample->n > 0 &&
        (x->sample->mean < y->sample->mean || x->sample->mean > y->sample->mean))
        return (x->sample->mean < y->sample->mean) == x->rises ? 1 : -1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Whether the interval of x lies wholly on the better side of y's. */
static bool beats(const struct stats_sample *x, const struct stats_sample *y, bool rises)
{
    double worst = rises ? x->low : x->high, best = rises ? y->high : y->low;
    worst = x->n > 1 ? worst : x->mean;
    best = y->n > 1 ? best : y->mean;
    if (x->n == 0 || y->n == 0)
        return x->n > 0;
    return rises ? worst > best : worst < best;
}

void group_ranks(const struct stats_sample *s, size_t n, bool rises, size_t *ret)
{
    struct ranked *v = mem_array(n + 1, sizeof *v);
    size_t leader = 0;
    for (size_t i = 0; i < n; i++)
        v[i] = (struct ranked){i, &s[i], rises};
    if (n > 1)
        qsort(v, n, sizeof *v, compare_means);
    for (size_t i = 0; i < n; i++) {
        if (beats(v[leader].sample, v[i].sample, rises))
            leader = i;
        ret[v[i].index] = leader + 1;
    }
    mem_free(v);
}

/* ---- how long until ---- */

bool target_parse(const char *text, struct target *ret, struct error *err)
{
    struct measure m;
    char name[128], *end;
    const char *is = strchr(text, '=');
    if (!is || (size_t)(is - text) >= sizeof name)
        return error_set(err, ERR_USAGE,
                         "a target is METRIC=VALUE, such as valid_accuracy=0.97, not '%s'",
                         text);
    memcpy(name, text, (size_t)(is - text));
    name[is - text] = '\0';
    if (!measure_parse(name, &m, err))
        return false;
    if (m.best || m.metric < METRIC_BATCH_LOSS)
        return error_set(err, ERR_USAGE,
                         "a target is a loss or an accuracy after each epoch, not '%s'", name);
    double v = strtod(is + 1, &end);
    if (end == is + 1 || *end || !isfinite(v))
        return error_set(err, ERR_USAGE, "a target's value is a number, not '%s'", is + 1);
    if (metric_rises(m.metric) && (v < 0 || v > 1))
        return error_set(err, ERR_USAGE, "an accuracy is a fraction from 0 to 1, not %s",
                         is + 1);
    *ret = (struct target){m.metric, v};
    return true;
}

static bool reach(const struct collected_run *r, const struct target *t, double *epochs,
                  double *steps, double *seconds, struct error *err)
{
    struct arena a;
    struct epoch_row *row;
    double *time;
    size_t n, i = 0;
    arena_init(&a);
    bool ok = run_read_epochs(&a, r->folder, &row, &n, err) &&
              collect_times(&a, r, row, n, &time, err);
    *epochs = *steps = *seconds = (double)NAN;
    while (ok && i < n &&
           !(metric_rises(t->metric) ? row[i].value[t->metric] >= t->value
                                     : row[i].value[t->metric] <= t->value))
        i++;
    if (ok && i < n) {
        *epochs = (double)row[i].epoch;
        *steps = (double)row[i].step;
        *seconds = time[i];
    }
    arena_fini(&a);
    return ok;
}

bool group_reached(const struct group *g, const struct target *t, struct reached *ret,
                   struct error *err)
{
    double *v = mem_array(3 * g->n, sizeof *v);
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < g->n; i++) {
        if (g->run[i]->status != COLLECT_COMPLETED && g->run[i]->status != COLLECT_DIVERGED)
            continue;
        ok = reach(g->run[i], t, &v[n], &v[g->n + n], &v[2 * g->n + n], err);
        n++;
    }
    *ret =
        (struct reached){n, stats_of(v, n), stats_of(v + g->n, n), stats_of(v + 2 * g->n, n)};
    mem_free(v);
    if (!ok && err->code == ERR_SYSTEM)
        err->code = ERR_DATA;
    return ok;
}

/* ---- pairs ---- */

/* The mean over completed runs of this seed: one folder may be the copy of another. */
static double of_seed(const struct group *g, int64_t seed, const struct measure *m)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        double v =
            g->run[i]->status == COLLECT_COMPLETED ? measure_of(m, g->run[i]) : (double)NAN;
        if (g->run[i]->seed != seed || !isfinite(v))
            continue;
        sum += v;
        n++;
    }
    return n ? sum / (double)n : (double)NAN;
}

static bool is_first_of_seed(const struct group *g, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (g->run[k]->seed == g->run[i]->seed)
            return false;
    return true;
}

struct paired group_paired(const struct group *one, const struct group *other,
                           const struct measure *m, enum paired_test test)
{
    double *d = mem_array(one->n, sizeof *d);
    struct paired p = {0};
    size_t n = 0;
    for (size_t i = 0; i < one->n; i++) {
        if (!is_first_of_seed(one, i))
            continue;
        double v = of_seed(one, one->run[i]->seed, m) - of_seed(other, one->run[i]->seed, m);
        if (isfinite(v))
            d[n++] = v;
    }
    p.difference = stats_of(d, n);
    p.exact_flips = n <= STATS_EXACT_FLIPS && test != PAIRED_WILCOXON;
    p.p = p.exact_flips ? stats_sign_flip(d, n) : stats_wilcoxon(d, n);
    mem_free(d);
    return p;
}

/* ---- all of it ---- */

static bool has_value(const struct collection *c, const struct measure *m)
{
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].status == COLLECT_COMPLETED && isfinite(measure_of(m, &c->run[i])))
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

bool comparison_other_keys(struct arena *a, const struct collection *c,
                           const struct comparison_options *o, const char *const *but,
                           size_t n_but, char ***ret, size_t *ret_n, struct error *err)
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
    size_t group, rank;
    double value; /* less is earlier; NaN last */
    const char *text;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) ? 1 : -1;
    if (x->value < y->value || x->value > y->value)
        return x->value < y->value ? -1 : 1;
    int order = x->text && y->text ? strcmp(x->text, y->text) : 0;
    return order ? order : x->group < y->group ? -1 : x->group > y->group;
}

/* By rank, a figure (the best first), a key (ascending) or the number of runs. */
static bool order_groups(struct arena *a, const struct collection *c, const char *by,
                         struct comparison *x, struct error *err)
{
    struct placed *p = arena_alloc(a, (x->grouping.groups + 1) * sizeof *p);
    struct measure m = x->measure;
    struct error other;
    size_t key = 0, n = x->grouping.groups;
    bool is_rank = !by || strcmp(by, "rank") == 0, is_count = by && strcmp(by, "n") == 0;
    bool is_key = !is_rank && !is_count && collect_find_key(c, by, &key, err);
    bool is_measure = is_rank || (!is_count && !is_key && measure_parse(by, &m, &other));
    if (!is_measure && !is_count && !is_key)
        return error_prefix(err, "cannot sort by it: ");
    for (size_t i = 0; i < n; i++) {
        const struct group *g = &x->grouping.group[i];
        const struct collected_value *v = g->run[0]->value[key];
        struct stats_sample s = group_sample(g, &m);
        p[i] = (struct placed){.group = i, .rank = is_rank ? x->rank[i] : 0};
        if (is_measure)
            p[i].value = metric_rises(m.metric) ? -s.mean : s.mean;
        else if (is_count)
            p[i].value = -(double)g->n;
        else
            p[i] = (struct placed){i, 0, v && v->type == EXPR_NUMBER ? v->number : -1e308,
                                   v ? v->text : ""};
    }
    if (n > 1)
        qsort(p, n, sizeof *p, compare_placed);
    for (size_t i = 0; i < n; i++)
        x->order[i] = p[i].group;
    return true;
}

/* Each group against the one of the best mean; the reference's own row has no p-value. */
static void pair_groups(struct arena *a, const struct comparison_options *o,
                        struct comparison *x)
{
    size_t n = x->grouping.groups;
    bool rises = metric_rises(x->measure.metric);
    x->has_pairs = true;
    x->paired = arena_alloc(a, (n + 1) * sizeof *x->paired);
    x->adjusted = arena_alloc(a, (n + 1) * sizeof *x->adjusted);
    for (size_t i = 1; i < n; i++) {
        double now = x->sample[i].mean, best = x->sample[x->reference].mean;
        if (isnan(best) || (rises ? now > best : now < best))
            x->reference = i;
    }
    for (size_t i = 0; i < n; i++) {
        x->adjusted[i] = (double)NAN;
        if (i == x->reference)
            continue;
        x->paired[i] = group_paired(&x->grouping.group[i], &x->grouping.group[x->reference],
                                    &x->measure, o->test);
        x->adjusted[i] = x->paired[i].p;
    }
    stats_holm(x->adjusted, n);
}

bool comparison_make(struct arena *a, const struct collection *c,
                     const struct comparison_options *o, struct comparison *ret,
                     struct error *err)
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
    for (size_t i = 0; i < n; i++)
        x.sample[i] = group_sample(&x.grouping.group[i], &x.measure);
    group_ranks(x.sample, n, metric_rises(x.measure.metric), x.rank);
    if (!order_groups(a, c, o->sort, &x, err))
        return false;
    x.has_target = o->target != NULL;
    if (o->target && !target_parse(o->target, &x.target, err))
        return false;
    for (size_t i = 0; i < n && o->target; i++)
        if (!group_reached(&x.grouping.group[i], &x.target, &x.reached[i], err))
            return false;
    if (o->pairs)
        pair_groups(a, o, &x);
    *ret = x;
    return true;
}
