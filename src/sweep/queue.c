/* Which members the tasks in Slurm's queue have: they know them by name. */
#include "sweep/internal.h"
#include <stdlib.h>
#include <string.h>

struct named {
    const char *name;
    size_t member;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

enum slurm_life *sweep_lives(const struct sweep *s, const struct slurm_queue *q, struct arena *a)
{
    enum slurm_life *life = arena_alloc(a, (s->members + 1) * sizeof *life);
    struct named *v = mem_array(s->members + 1, sizeof *v);
    for (size_t i = 0; i < s->members; i++)
        v[i] = (struct named){s->member[i].folder, i};
    qsort(v, s->members, sizeof *v, by_name);
    for (size_t k = 0; k < q->n; k++)
        for (size_t i = 0; i < q->v[k].names; i++) {
            const struct named key = {q->v[k].name[i], 0};
            const struct named *m = q->v[k].life[i] != SLURM_GONE
                                        ? bsearch(&key, v, s->members, sizeof *v, by_name)
                                        : NULL;
            if (m && q->v[k].life[i] > life[m->member])
                life[m->member] = q->v[k].life[i];
        }
    mem_free(v);
    return life;
}
