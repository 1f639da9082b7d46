/* The best settings of each kind of thing, chosen by validation figures: the rest of the runs
 * goes. */
#include "study/comparison.h"

/* Which group each run is in. */
static size_t *groups_of_runs(struct arena *a, const struct collection *c, const struct grouping *g)
{
    size_t *of = arena_alloc(a, (c->runs + 1) * sizeof *of);
    for (size_t i = 0; i < g->groups; i++)
        for (size_t r = 0; r < g->group[i].n; r++)
            of[g->group[i].run[r] - c->run] = i;
    return of;
}

static bool is_better(const struct group *g, const struct group *best, const struct measure *m)
{
    struct stats_sample x = group_sample(g, m), y = group_sample(best, m);
    return group_leads(g, &x, best, &y, metric_rises(m->metric));
}

/* The keys that told the groups apart before still do. */
static void keep_keys(struct arena *a, const struct grouping *g, struct comparison_options *o)
{
    o->by = arena_alloc(a, (g->keys + 1) * sizeof *o->by);
    o->n_by = g->keys;
    for (size_t k = 0; k < g->keys; k++)
        o->by[k] = arena_strdup(a, g->key[k]);
}

bool comparison_keep_best(struct arena *a, struct collection *c, struct comparison_options *o,
                          char *const *per, size_t n_per, struct error *err)
{
    struct grouping all, parts;
    struct measure m;
    if (!comparison_chooser(c, o->metric, "--best-per", &m, err))
        return false;
    if (!group_runs(a, c, per, n_per, &parts, err) || !group_settings(a, c, per, n_per, &all, err))
        return false;
    const size_t *part = groups_of_runs(a, c, &parts), *settings = groups_of_runs(a, c, &all);
    size_t *best = arena_alloc(a, (parts.groups + 1) * sizeof *best), kept = 0;
    for (size_t i = 0; i < parts.groups; i++)
        best[i] = SIZE_MAX;
    for (size_t i = 0; i < all.groups; i++) {
        const struct group *g = &all.group[i];
        size_t in = part[g->run[0] - c->run];
        for (size_t r = 1; r < g->n; r++)
            if (part[g->run[r] - c->run] != in)
                return error_set(
                    err, ERR_USAGE,
                    "runs that differ in '%s' alone are repetitions of one thing: none is the best",
                    per[0]);
        if (best[in] == SIZE_MAX || is_better(g, &all.group[best[in]], &m))
            best[in] = i;
    }
    struct collected_run *run = arena_alloc(a, (c->runs + 1) * sizeof *run);
    for (size_t i = 0; i < c->runs; i++)
        if (best[part[i]] == settings[i])
            run[kept++] = c->run[i];
    c->run = run;
    c->runs = kept;
    if (o->n_by == 0)
        keep_keys(a, &all, o);
    return true;
}
