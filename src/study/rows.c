/* More of a collected run's files: its spec as it stands there, its rows and their times. */
#include "folder/folder.h"
#include "study/collect.h"
#include <math.h>
#include <string.h>

bool collect_spec_text(struct arena *a, const struct collected_run *r, const char **ret,
                       struct error *err)
{
    if (folder_spec_text(a, r->folder, ret, err))
        return true;
    err->code = ERR_DATA;
    return false;
}

/* run_read_manifest has read the table of a run that ended. */
static bool was_read(const struct collected_run *r)
{
    return (r->status == STATUS_COMPLETED || r->status == STATUS_DIVERGED ||
            r->status == STATUS_PRUNED) &&
           folder_has(r->folder, FOLDER_EPOCHS);
}

static bool has_rows(const struct collected_run *r, bool times, struct error *err)
{
    struct arena a;
    struct epoch_row *row;
    double *time;
    size_t n;
    bool may_lack = r->status == STATUS_OPEN || r->status == STATUS_FAILED; /* not begun */
    if (r->published || (may_lack && !folder_has(r->folder, FOLDER_EPOCHS)))
        return true;
    if (!times && was_read(r))
        return true;
    arena_init(&a);
    bool ok = run_read_epochs(&a, r->folder, &row, &n, err) &&
              (!times || collect_times(&a, r, row, n, &time, err));
    arena_fini(&a);
    return ok;
}

bool collect_none_left(const struct collected_damage *damage, size_t n, struct error *err)
{
    return n == 1 ? error_set(err, ERR_DATA, "%s", damage->why)
                  : error_set(err, ERR_DATA, "none of the %zu runs can be read; the first: %s", n,
                              damage->why);
}

bool collect_need_rows(struct arena *a, struct collection *c, bool times, struct error *err)
{
    struct collected_damage *damage = arena_alloc(a, (c->damaged + c->runs + 1) * sizeof *damage);
    size_t kept = 0;
    struct error why;
    if (c->damaged > 0)
        memcpy(damage, c->damage, c->damaged * sizeof *damage);
    for (size_t i = 0; i < c->runs; i++)
        if (has_rows(&c->run[i], times, &why))
            c->run[kept++] = c->run[i];
        else
            damage[c->damaged++] =
                (struct collected_damage){c->run[i].folder, arena_strdup(a, why.message)};
    bool all = kept == c->runs;
    c->damage = damage;
    c->runs = kept;
    return all || kept > 0 || collect_none_left(damage, c->damaged, err);
}

bool collect_times(struct arena *a, const struct collected_run *r, const struct epoch_row *row,
                   size_t n, double **ret, struct error *err)
{
    struct run_time *time;
    double *v = arena_alloc(a, (n + 1) * sizeof *v), sum = 0;
    if (!run_read_times(a, r->folder, row, n, &time, err)) {
        err->code = ERR_DATA;
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        sum += isnan(time[i].train) ? 0 : time[i].train;
        v[i] = isnan(time[i].train) ? (double)NAN : sum;
    }
    *ret = v;
    return true;
}
