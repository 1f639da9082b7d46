/* Which members the tasks in Slurm's queue have: they know them by name. */
#include "sweep/internal.h"

enum slurm_life *sweep_lives(const struct sweep *s, const struct slurm_queue *q, struct arena *a)
{
    enum slurm_life *life = arena_alloc(a, (s->members + 1) * sizeof *life);
    struct sweep_names names = sweep_names_new(s);
    for (size_t k = 0; k < q->n; k++)
        for (size_t i = 0; i < q->v[k].names; i++) {
            size_t m = q->v[k].life[i] != SLURM_GONE ? sweep_names_find(&names, q->v[k].name[i])
                                                     : SIZE_MAX;
            if (m != SIZE_MAX && q->v[k].life[i] > life[m])
                life[m] = q->v[k].life[i];
        }
    sweep_names_free(&names);
    return life;
}
