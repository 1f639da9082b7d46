/* Runs whose settings differ and whose final weights and figures are the same: what tells them
 * apart has no effect where it stands, or says the same in other words. An average, or the images
 * that are evaluated, change figures alone. */
#include "study/collect.h"
#include <stdlib.h>
#include <string.h>

static int compare_figures(const double x[METRICS], const double y[METRICS])
{
    for (int m = 0; m < METRICS; m++) {
        if (metric_info[m].split == SPLIT_NONE || (isnan(x[m]) && isnan(y[m])))
            continue;
        if (isnan(x[m]) || isnan(y[m]))
            return isnan(x[m]) ? 1 : -1;
        if (x[m] < y[m] || x[m] > y[m])
            return x[m] < y[m] ? -1 : 1;
    }
    return 0;
}

static int compare_results(const struct collected_run *x, const struct collected_run *y)
{
    int order = strcmp(x->weights, y->weights);
    order = order ? order : compare_figures(x->final, y->final);
    return order ? order : compare_figures(x->best, y->best);
}

static int by_result(const void *a, const void *b)
{
    const struct collected_run *x = *(const struct collected_run *const *)a,
                               *y = *(const struct collected_run *const *)b;
    int order = compare_results(x, y);
    return order ? order : (x > y) - (x < y);
}

/* The completed runs whose weights were recorded, those of the same result side by side. */
static size_t sort_runs(struct arena *a, const struct collection *c,
                        const struct collected_run ***ret)
{
    const struct collected_run **v = arena_alloc(a, (c->runs + 1) * sizeof *v);
    size_t n = 0;
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].status == STATUS_COMPLETED && c->run[i].weights)
            v[n++] = &c->run[i];
    if (n > 1)
        qsort(v, n, sizeof(const struct collected_run *), by_result);
    *ret = v;
    return n;
}

/* "dataset.split_seed, seed"; NULL where they differ in nothing that could change the result. */
static const char *differing_keys(struct arena *a, const struct collection *c,
                                  const struct collected_run *one,
                                  const struct collected_run *other)
{
    enum { SHOWN = 3 };
    const char *text = NULL;
    size_t n = 0;
    for (size_t k = 0; k < c->keys; k++) {
        if (one->value[k] == other->value[k] || spec_keeps_result(c->key[k]) ||
            strcmp(c->key[k], COLLECT_DATA) == 0)
            continue;
        if (n++ < SHOWN)
            text = text ? arena_printf(a, "%s, %s", text, c->key[k]) : c->key[k];
    }
    return n > SHOWN ? arena_printf(a, "%s, ...", text) : text;
}

const char *collect_alike_text(struct arena *a, const struct collection *c)
{
    const struct collected_run **v, *first = NULL, *shown = NULL, *like = NULL;
    const char *keys = NULL;
    size_t n = sort_runs(a, c, &v), alike = 0;
    for (size_t i = 0; i < n; i++) {
        if (!first || compare_results(first, v[i]) != 0) {
            first = v[i];
            continue;
        }
        const char *differ = differing_keys(a, c, first, v[i]);
        if (!differ)
            continue;
        alike++;
        if (!shown || v[i] < shown) { /* the first as collected */
            shown = v[i];
            like = first;
            keys = differ;
        }
    }
    if (alike == 0)
        return NULL;
    return arena_printf(
        a,
        "%zu run%s the final weights and figures of another run with other settings: %s has those "
        "of %s, to the bit; %s made no difference (equal in effect, or without one here)",
        alike, alike == 1 ? " has" : "s have", shown->folder, like->folder, keys);
}
