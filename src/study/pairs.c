/* Pairs: runs that differ in what is compared and in nothing else. */
#include "num/paired.h"
#include "study/comparison.h"
#include <stdlib.h>
#include <string.h>

/* ---- which runs belong together ---- */

/* "optimizer.name" and "scheduler.0.name" stand for their sections. */
static size_t length_without_name(const char *key)
{
    size_t n = strlen(key);
    if (n < 6 || strcmp(key + n - 5, ".name") != 0)
        return n;
    n -= 5;
    return n > 2 && strncmp(key + n - 2, ".0", 2) == 0 ? n - 2 : n;
}

static bool lies_in(const char *key, const char *section, size_t n)
{
    return strncmp(key, section, n) == 0 && (key[n] == '\0' || key[n] == '.');
}

/* So does "train.sam.rho" where some runs have no `train.sam`: it is null, or empty, in these. */
static size_t section_length(const struct collection *c, const char *by)
{
    size_t n = length_without_name(by);
    for (size_t k = 0; k < c->keys; k++) {
        size_t above = strlen(c->key[k]);
        if (c->list[k] != LIST_EVERYWHERE && above < n && lies_in(by, c->key[k], above))
            n = above;
    }
    return n;
}

static bool is_compared(const struct collection *c, const char *key, const char *by)
{
    bool is_data = strcmp(key, COLLECT_DATA) == 0 && strncmp(by, "dataset.", 8) == 0;
    return is_data || lies_in(key, by, section_length(c, by));
}

struct twin {
    const struct collection *c;
    const bool *shared;
    size_t run;
};

static int compare_twins(const void *a, const void *b)
{
    const struct twin *x = a, *y = b;
    for (size_t k = 0; k < x->c->keys; k++) {
        uintptr_t p = (uintptr_t)x->c->run[x->run].value[k],
                  q = (uintptr_t)y->c->run[y->run].value[k];
        if (x->shared[k] && p != q)
            return p < q ? -1 : 1;
    }
    return 0;
}

/* The keys in which twins are alike. */
static const bool *shared_keys(struct arena *a, const struct collection *c,
                               const struct grouping *g)
{
    bool *shared = arena_alloc(a, (c->keys + 1) * sizeof *shared);
    for (size_t k = 0; k < c->keys; k++) {
        shared[k] = !spec_keeps_result(c->key[k]);
        for (size_t i = 0; i < g->keys; i++)
            shared[k] &= !is_compared(c, c->key[k], g->key[i]);
    }
    return shared;
}

const size_t *group_twins(struct arena *a, const struct collection *c, const struct grouping *g)
{
    const bool *shared = shared_keys(a, c, g);
    struct twin *v = arena_alloc(a, (c->runs + 1) * sizeof *v);
    size_t *number = arena_alloc(a, (c->runs + 1) * sizeof *number);
    for (size_t i = 0; i < c->runs; i++)
        v[i] = (struct twin){c, shared, i};
    if (c->runs > 1)
        qsort(v, c->runs, sizeof *v, compare_twins);
    for (size_t i = 1; i < c->runs; i++)
        number[v[i].run] = number[v[i - 1].run] + (compare_twins(&v[i - 1], &v[i]) != 0 ? 1 : 0);
    return number;
}

/* Whether the runs of two groups have no value of the key in common. */
static bool never_alike(const struct group *one, const struct group *other, size_t key)
{
    for (size_t i = 0; i < one->n; i++)
        for (size_t k = 0; k < other->n; k++)
            if (one->run[i]->value[key] == other->run[k]->value[key])
                return false;
    return true;
}

const char *group_unpaired(struct arena *a, const struct collection *c, const struct grouping *g,
                           const struct group *one, const struct group *other,
                           const struct measure *m)
{
    enum { NAMED = 3 };
    const bool *shared = shared_keys(a, c, g);
    const char *text = NULL;
    size_t n = 0;
    if (group_sample(one, m).n == 0 || group_sample(other, m).n == 0)
        return arena_printf(a, "%s has no completed run with a %s",
                            group_sample(one, m).n == 0 ? one->label : other->label,
                            measure_name(a, m));
    for (size_t k = 0; k < c->keys; k++)
        if (shared[k] && never_alike(one, other, k) && n++ < NAMED)
            text = text ? arena_printf(a, "%s, %s", text, c->key[k]) : c->key[k];
    if (n == 0 && group_lost(one) + group_lost(other) > 0)
        return "each pair has a run that diverged or failed, or lacks its twin";
    if (n == 0)
        return "no two of their completed runs share all other settings and the seed";
    return n > NAMED ? arena_printf(a, "they differ in %s and %zu more too", text, n - NAMED)
                     : arena_printf(a, "they differ in %s too", text);
}

/* ---- the reference ---- */

/* "a=1,b=[2, 3]" to the end of its first part: commas in brackets, as those of a list or of
 * equations, part nothing. */
static size_t part_length(const char *s)
{
    size_t n = 0;
    for (int depth = 0; s[n] && (depth > 0 || s[n] != ','); n++)
        depth += strchr("[{(", s[n]) ? 1 : strchr("]})", s[n]) ? -1 : 0;
    return n;
}

/* As it is written in a spec, or as tables show it: equations of several lines are one there. */
static bool has_value(const struct group *g, size_t key, const char *text)
{
    const struct collected_value *v = g->value[key];
    char *end;
    if (!v)
        return strcmp(text, "null") == 0;
    double number = strtod(text, &end);
    bool same = end != text && *end == '\0' && v->type == EXPR_NUMBER &&
                !(number < v->number || number > v->number);
    return same || strcmp(v->text, text) == 0 || strcmp(g->shown[key], text) == 0;
}

/* "'lr=0.1', 'lr=0.2' and 3 more" of the groups that are not out. */
static const char *list_values(struct arena *a, const struct grouping *g, const bool *out,
                               const char *name, size_t key)
{
    enum { NAMED = 6 };
    const char *text = NULL;
    size_t n = 0;
    for (size_t i = 0; i < g->groups; i++) {
        const struct collected_value *v = g->group[i].value[key];
        size_t k = 0;
        while (k < i && (out[k] || g->group[k].value[key] != v))
            k++;
        if (out[i] || k < i || n++ >= NAMED)
            continue;
        text = arena_printf(a, "%s%s'%s=%s'", text ? text : "", text ? ", " : "", name,
                            v ? g->group[i].shown[key] : "null");
    }
    return n > NAMED ? arena_printf(a, "%s and %zu more", text, n - NAMED) : text;
}

/* Strikes out the groups without one KEY=VALUE. */
static bool strike_out(struct arena *a, const struct collection *c, const struct comparison *x,
                       const char *part, bool *out, struct error *err)
{
    const char *is = strchr(part, '=');
    size_t key, left = 0, k = 0;
    if (!is || is == part)
        return error_set(err, ERR_USAGE,
                         "a baseline is KEY=VALUE[,KEY=VALUE], such as optimizer=adam, not '%s'",
                         part);
    const char *name = arena_strndup(a, part, (size_t)(is - part));
    if (!collect_find_key(c, name, &key, err))
        return false;
    while (k < x->grouping.keys && strcmp(x->grouping.key[k], c->key[key]) != 0)
        k++;
    if (k == x->grouping.keys)
        return error_set(err, ERR_USAGE,
                         "the groups do not differ in '%s': a baseline names one by a key that "
                         "makes them (--group-by)",
                         name);
    for (size_t i = 0; i < x->grouping.groups; i++)
        left += !out[i] && has_value(&x->grouping.group[i], k, is + 1);
    if (left == 0)
        return error_set(err, ERR_USAGE, "no group has %s: there is %s", part,
                         list_values(a, &x->grouping, out, name, k));
    for (size_t i = 0; i < x->grouping.groups; i++)
        out[i] |= !has_value(&x->grouping.group[i], k, is + 1);
    return true;
}

static bool find_baseline(struct arena *a, const struct collection *c, const char *text,
                          struct comparison *x, struct error *err)
{
    size_t found = 0, n;
    bool *out = arena_alloc(a, (x->grouping.groups + 1) * sizeof *out);
    for (const char *s = text; *s; s += n + (s[n] == ',')) {
        n = part_length(s);
        if (!strike_out(a, c, x, arena_strndup(a, s, n), out, err))
            return false;
    }
    for (size_t i = 0; i < x->grouping.groups; i++)
        if (!out[i]) {
            x->reference = i;
            found++;
        }
    return found == 1 ||
           error_set(err, ERR_USAGE, "%zu groups have %s: name the baseline by more of its keys",
                     found, text);
}

/* The one that leads, of those of several runs. */
static bool choose_reference(const struct collection *c, const struct comparison_options *o,
                             struct comparison *x, struct error *err)
{
    struct measure m;
    size_t best = x->grouping.groups;
    if (!comparison_chooser(c, o->metric, "--pairs without --baseline", &m, err))
        return false;
    for (size_t i = 0; i < x->grouping.groups; i++) {
        const struct group *g = &x->grouping.group[i];
        if (x->sample[i].n > 1 &&
            (best == x->grouping.groups || group_leads(g, &x->sample[i], &x->grouping.group[best],
                                                       &x->sample[best], metric_rises(m.metric))))
            best = i;
    }
    if (best == x->grouping.groups)
        return error_set(err, ERR_USAGE,
                         "no group has two completed runs, and a single one is no reference by "
                         "default: name it with --baseline KEY=VALUE, or group by fewer keys "
                         "(--group-by)");
    x->reference = best;
    return true;
}

bool comparison_pair(struct arena *a, const struct collection *c,
                     const struct comparison_options *o, struct comparison *x, struct error *err)
{
    size_t n = x->grouping.groups;
    const size_t *twin = group_twins(a, c, &x->grouping);
    if (o->baseline ? !find_baseline(a, c, o->baseline, x, err) : !choose_reference(c, o, x, err))
        return false;
    const struct group *group = x->grouping.group, *reference = &group[x->reference];
    for (size_t i = 0; i < n; i++)
        if (i != x->reference)
            paired_count(&x->family, &group[i], reference, c, twin, &x->measure);
    if (!paired_choose(o->test, &x->measure, &x->family, err))
        return false;
    x->has_pairs = true;
    x->paired = arena_alloc(a, (n + 1) * sizeof *x->paired);
    x->adjusted = arena_alloc(a, (n + 1) * sizeof *x->adjusted);
    x->reachable = arena_alloc(a, (n + 1) * sizeof *x->reachable);
    for (size_t i = 0; i < n; i++) {
        x->adjusted[i] = x->reachable[i] = (double)NAN;
        if (i == x->reference)
            continue;
        x->paired[i] = group_paired(&group[i], reference, c, twin, &x->measure, x->family.test);
        x->adjusted[i] = x->paired[i].p;
        x->reachable[i] = x->paired[i].least;
    }
    stats_holm(x->adjusted, n);
    stats_holm(x->reachable, n);
    return true;
}
