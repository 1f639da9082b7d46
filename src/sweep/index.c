/* Members found by their folders' names, and by digests. */
#include "sweep/internal.h"
#include <stdlib.h>
#include <string.h>

struct sweep_named {
    const char *name;
    size_t member;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sweep_named *)a)->name, ((const struct sweep_named *)b)->name);
}

struct sweep_names sweep_names_new(const struct sweep *s)
{
    struct sweep_names x = {.n = s->members, .v = mem_array(s->members + 1, sizeof *x.v)};
    for (size_t i = 0; i < x.n; i++)
        x.v[i] = (struct sweep_named){s->member[i].folder, i};
    qsort(x.v, x.n, sizeof *x.v, by_name);
    return x;
}

size_t sweep_names_find(const struct sweep_names *x, const char *name)
{
    const struct sweep_named key = {.name = name},
                             *found = bsearch(&key, x->v, x->n, sizeof *x->v, by_name);
    return found ? found->member : SIZE_MAX;
}

void sweep_names_free(struct sweep_names *x)
{
    mem_free(x->v);
}

static int by_digest(const void *a, const void *b)
{
    return strcmp(((const struct sweep_identity *)a)->digest,
                  ((const struct sweep_identity *)b)->digest);
}

void sweep_sort_identities(struct sweep_identity *v, size_t n)
{
    qsort(v, n, sizeof *v, by_digest);
}

const struct sweep_identity *sweep_find_identity(const struct sweep_identity *v, size_t n,
                                                 const char digest[65])
{
    struct sweep_identity key = {0};
    memcpy(key.digest, digest, sizeof key.digest);
    return bsearch(&key, v, n, sizeof *v, by_digest);
}
