/* What is due goes to Slurm. */
#include "sweep/work.h"
#include "util/log.h"

/* The threads of the member that has most. */
static size_t most_threads(const struct sweep *s, const size_t *member, size_t n)
{
    int64_t most = 1;
    for (size_t i = 0; i < n; i++) {
        struct arena a;
        struct spec spec;
        arena_init(&a);
        sweep_member_spec(s, member[i], &a, &spec);
        most = spec.threads > most ? spec.threads : most;
        arena_fini(&a);
    }
    return (size_t)most;
}

static bool submit(struct work *w, const size_t *due, size_t n, struct error *err)
{
    struct arena *a = w->s->arena;
    const char **name = arena_alloc(a, (n + 1) * sizeof *name);
    for (size_t i = 0; i < n; i++)
        name[i] = w->s->member[due[i]].folder;
    const struct slurm_work work = {.name = name,
                                    .names = n,
                                    .threads = most_threads(w->s, due, n),
                                    .title = w->s->name,
                                    .folder = w->o->folder,
                                    .retry_failed = w->o->retry_failed,
                                    .no_plots = w->o->no_plots};
    return slurm_submit(w->o->slurm, &work, a, err);
}

/* What the queue has already. */
static void note_queue(struct slurm_launch *l, const struct slurm_queue *q, struct arena *a)
{
    l->queued_in = "";
    for (size_t i = 0; i < q->n; i++)
        if (q->v[i].running + q->v[i].waiting > 0)
            l->queued_in =
                arena_printf(a, "%s%s%s", l->queued_in, l->queued_in[0] ? ", " : "", q->v[i].array);
}

/* What may go wrong on the nodes and can be seen from here. */
static void warn_ahead(const struct work *w)
{
    for (const struct work_data_set *known = w->known; known; known = known->next) {
        if (known->dir && !known->sha256)
            log_warn("the data in %s cannot be read here: where the nodes do not have them "
                     "either, members fail",
                     known->dir);
        if (known->dir && known->dir[0] != '/')
            log_warn("dataset.dir %s is relative: tasks look for it below the folder in which "
                     "this was called, which the nodes must have too",
                     known->dir);
    }
    sweep_warn_of_builds(w->s, w->state, run_sources());
}

bool work_submit(struct work *w, struct error *err)
{
    struct slurm_launch *l = w->o->slurm;
    struct arena *a = w->s->arena;
    struct slurm_queue queue = {0};
    size_t *due = arena_alloc(a, (w->s->members + 1) * sizeof *due), n = 0;
    if (!slurm_read_queue(w->o->folder, true, a, &queue, err))
        return error_prefix(err, "cannot tell what is in the queue already: ");
    if (!l->dry_run && !slurm_settle(w->o->folder, a, &queue, err))
        return false;
    const enum slurm_life *life = sweep_lives(w->s, &queue, a);
    note_queue(l, &queue, a);
    for (size_t i = 0; i < w->s->members; i++) {
        w->tried[i] = life[i] != SLURM_GONE;
        l->queued += w->tried[i];
        if (work_is_due(w, i))
            due[n++] = i;
    }
    if (n == 0)
        return true;
    if (!work_check_data(w, err))
        return false;
    warn_ahead(w);
    return submit(w, due, n, err);
}
