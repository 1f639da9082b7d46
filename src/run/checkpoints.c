/* Which checkpoints a run folder holds: last, previous, best, numbered ones. */
#include "checkpoint/safetensors.h"
#include "run/internal.h"
#include "util/file.h"
#include "util/log.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *checkpoint(struct run *r, const char *name)
{
    return arena_printf(&r->arena, "%s/checkpoints/%s.safetensors", r->folder, name);
}

/* A second name for the same bytes; the old file of that name is replaced at once. Where the file
 * system has no links: a copy. */
static bool give_name(const char *from, const char *to, struct arena *a, struct error *err)
{
    const char *temporary = arena_printf(a, "%s.tmp", to);
    unlink(temporary);
    if (link(from, temporary) == 0 && rename(temporary, to) == 0) {
        unlink(temporary); /* rename leaves both where they are the same file already */
        return true;
    }
    char *bytes;
    size_t n;
    if (!file_read(from, (size_t)1 << 40, &bytes, &n, err))
        return false;
    bool ok = file_write(to, bytes, n, err);
    mem_free(bytes);
    return ok;
}

/* step-N.safetensors: its N, or -1. */
static int64_t number_of(const char *file)
{
    char *end;
    if (strncmp(file, "step-", 5) != 0)
        return -1;
    int64_t n = strtoll(file + 5, &end, 10);
    return end != file + 5 && strcmp(end, ".safetensors") == 0 ? n : -1;
}

/* Numbers of the numbered checkpoints, largest first; at most `max`. */
static size_t list_numbered(struct run *r, int64_t *v, size_t max)
{
    size_t n = 0;
    DIR *d = opendir(run_path(r, "checkpoints"));
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        int64_t x = number_of(e->d_name);
        if (x < 0 || n == max)
            continue;
        size_t i = n++;
        for (; i > 0 && v[i - 1] < x; i--)
            v[i] = v[i - 1];
        v[i] = x;
    }
    if (d)
        closedir(d);
    return n;
}

static void drop_numbered(struct run *r, size_t keep)
{
    int64_t v[4096];
    size_t n = list_numbered(r, v, sizeof v / sizeof v[0]);
    for (size_t i = keep; i < n; i++)
        unlink(checkpoint(r, arena_printf(&r->arena, "step-%lld", (long long)v[i])));
}

/* `last` gets its numbered name too; the oldest ones beyond `keep` go. */
static bool give_number(struct run *r, struct error *err)
{
    if (r->spec->checkpoint.keep == 0)
        return true;
    const char *name =
        arena_printf(&r->arena, "step-%lld", (long long)train_step_now(r->train));
    bool ok = give_name(checkpoint(r, "last"), checkpoint(r, name), &r->arena, err);
    drop_numbered(r, (size_t)r->spec->checkpoint.keep);
    return ok;
}

static bool save(struct run *r, bool numbered, struct error *err)
{
    const char *last = checkpoint(r, "last");
    if (file_exists(last) && !give_name(last, checkpoint(r, "previous"), &r->arena, err))
        return false;
    if (!train_save(r->train, last, r->spec_text, err))
        return false;
    r->last_checkpoint = progress_now();
    return !numbered || give_number(r, err);
}

/* A partial epoch is one only because the run ends within it: a longer run has no checkpoint
 * there. */
static bool epoch_is_due(const struct run *r, int64_t epoch)
{
    int64_t every = r->spec->checkpoint.every;
    return every > 0 && epoch % every == 0 && !train_ends_within_epoch(r->train);
}

bool run_checkpoint_epoch(struct run *r, const struct epoch_row *row, struct error *err)
{
    if (row->epoch == 0)
        return true;
    bool due = epoch_is_due(r, row->epoch);
    bool saved = due || row->last || row->epoch == r->options->until;
    if (saved && !save(r, due, err))
        return false;
    if (!row->best)
        return true;
    if (saved)
        return give_name(checkpoint(r, "last"), checkpoint(r, "best"), &r->arena, err);
    return train_save(r->train, checkpoint(r, "best"), r->spec_text, err);
}

bool run_checkpoint_now(struct run *r, bool numbered, struct error *err)
{
    return run_tables_flush(r, err) && save(r, numbered, err);
}

/* Half a file that a kill left behind. */
static void drop_temporaries(struct run *r)
{
    const char *folder = run_path(r, "checkpoints");
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n > 4 && strcmp(e->d_name + n - 4, ".tmp") == 0)
            unlink(arena_printf(&r->arena, "%s/%s", folder, e->d_name));
    }
    if (d)
        closedir(d);
}

/* A kill may fall between writing `last` and giving it the other names that its position calls for;
 * and where another one had to stand in for a damaged `last`, it becomes `last`, or the next save
 * would move the damage into `previous`. */
static bool restore_names(struct run *r, const char *loaded, struct error *err)
{
    const struct checkpoint_config *c = &r->spec->checkpoint;
    const char *last = checkpoint(r, "last");
    int64_t epoch = train_epoch_now(r->train), step = train_step_now(r->train);
    bool within = train_is_within_epoch(r->train);
    if (strcmp(loaded, last) != 0 && !give_name(loaded, last, &r->arena, err))
        return false;
    const struct epoch_row *best = train_best(r->train);
    if (!within && best && best->epoch == epoch &&
        !give_name(last, checkpoint(r, "best"), &r->arena, err))
        return false;
    bool due = within ? c->every_steps != PARAM_NULL_INT && step % c->every_steps == 0
                      : epoch_is_due(r, epoch);
    return !due || give_number(r, err);
}

/* Whether training can go on from what was loaded from `path`. From the end of a run that ended
 * within an epoch a longer one cannot, nor where that partial epoch, which it will not have, is on
 * file as the best. */
static bool can_go_on(struct run *r, const char *path)
{
    static const char key[] = "descent.epoch";
    struct error err;
    struct st_file best;
    const struct epoch_row *row = train_best(r->train);
    bool is_end = train_is_finished(r->train) &&
                  r->spec->train.epochs == PARAM_NULL_INT; /* an end by epochs is that of one */
    if (train_ends_within_epoch(r->train) && !is_end) {
        r->past_partial_end = true;
        log_info(
            "%s stands at an end within an epoch, which a longer run goes on through: looking for an earlier one",
            path);
        return false;
    }
    if (!r->past_partial_end || !row)
        return true;
    if (!st_read(checkpoint(r, "best"), &best, &err))
        return false;
    const char *epoch = st_meta(&best, key);
    bool ok = epoch && strtoll(epoch, NULL, 10) == row->epoch;
    st_fini(&best);
    return ok;
}

const char *run_checkpoint_spec(struct run *r)
{
    int64_t v[64];
    size_t n = list_numbered(r, v, sizeof v / sizeof v[0]);
    for (size_t i = 0; i < n + 3; i++) {
        const char *name = i == 0   ? "last"
                           : i == 1 ? "previous"
                           : i == n + 2
                               ? "best"
                               : arena_printf(&r->arena, "step-%lld", (long long)v[i - 2]);
        const char *path = checkpoint(r, name);
        struct st_file file;
        struct error err;
        if (!file_exists(path) || !st_read(path, &file, &err))
            continue;
        const char *text = st_meta(&file, "descent.spec");
        text = text ? arena_strdup(&r->arena, text) : NULL;
        st_fini(&file);
        if (text)
            return text;
    }
    return NULL;
}

/* Whether it was written at the end of this epoch. */
static bool is_of_epoch(const char *path, int64_t epoch)
{
    struct error err;
    struct st_file file;
    if (!file_exists(path) || !st_read(path, &file, &err))
        return false;
    const char *at = st_meta(&file, "descent.epoch"),
               *cursor = st_meta(&file, "descent.cursor");
    bool is = at && strtoll(at, NULL, 10) == epoch && cursor && strcmp(cursor, "0") == 0;
    st_fini(&file);
    return is;
}

bool run_checkpoint_choose_best(struct run *r, const struct epoch_row *row, size_t n,
                                struct error *err)
{
    const struct epoch_row *now = run_tables_best(r->spec, row, n);
    const char *best = checkpoint(r, "best");
    train_set_best(r->train, now);
    if (now && is_of_epoch(best, now->epoch))
        return true;
    const char *numbered =
        now ? checkpoint(r, arena_printf(&r->arena, "step-%lld", (long long)now->step)) : NULL;
    const char *const other[] = {checkpoint(r, "last"), checkpoint(r, "previous"), numbered};
    for (size_t i = 0; now && i < 3; i++)
        if (is_of_epoch(other[i], now->epoch))
            return give_name(other[i], best, &r->arena, err);
    unlink(best);
    if (now)
        log_warn(
            "by checkpoint.best: %s the best epoch so far is %lld, whose weights were not kept: only a better one will be "
            "best.safetensors",
            r->spec->checkpoint.best, (long long)now->epoch);
    return true;
}

bool run_checkpoint_load(struct run *r, bool *ret_found, struct error *err)
{
    int64_t v[64];
    size_t n = list_numbered(r, v, sizeof v / sizeof v[0]), damaged = 0;
    bool spoilt = false;
    char key[64];
    *ret_found = false;
    drop_temporaries(r);
    for (size_t i = 0; i < n + 2; i++) {
        const char *name = i == 0   ? "last"
                           : i == 1 ? "previous"
                                    : arena_printf(&r->arena, "step-%lld", (long long)v[i - 2]);
        const char *path = checkpoint(r, name);
        if (!file_exists(path))
            continue;
        if (spoilt && !run_train_anew(r, key, err))
            return false;
        spoilt = true;
        if (!train_load(r->train, path, err)) {
            log_warn("%s", err->message);
            damaged++;
        } else if (can_go_on(r, path)) {
            *ret_found = true;
            return restore_names(r, path, err);
        }
    }
    if (damaged > 0 && !r->past_partial_end)
        return error_set(
            err, ERR_DATA,
            "no checkpoint of %s can be read; 'descent run' with --force starts it afresh",
            r->folder);
    if (!spoilt)
        return true;
    log_info("there is none: starting again from the beginning");
    run_checkpoint_forget(r);
    return run_train_anew(r, key, err);
}

void run_checkpoint_tidy(struct run *r)
{
    if (!r->spec->checkpoint.last)
        unlink(checkpoint(r, "last"));
    unlink(checkpoint(r, "previous"));
    drop_numbered(r, (size_t)r->spec->checkpoint.keep);
}

/* Whether the spec asked for a checkpoint there; a signal or the clock did otherwise. */
static bool is_scheduled(struct run *r, const char *path)
{
    struct error err;
    struct st_file file;
    if (!file_exists(path) || !st_read(path, &file, &err))
        return false;
    const char *cursor = st_meta(&file, "descent.cursor"),
               *step = st_meta(&file, "descent.step");
    int64_t every = r->spec->checkpoint.every_steps;
    bool whole = cursor && strcmp(cursor, "0") == 0;
    bool due = step && every != PARAM_NULL_INT && strtoll(step, NULL, 10) % every == 0;
    st_fini(&file);
    return whole || due;
}

void run_checkpoint_settle(struct run *r)
{
    int64_t v[64];
    struct error err;
    const char *last = checkpoint(r, "last"), *other = checkpoint(r, "previous");
    if (file_exists(last) && !is_scheduled(r, last)) {
        if (!is_scheduled(r, other) && list_numbered(r, v, sizeof v / sizeof v[0]) > 0)
            other = checkpoint(r, arena_printf(&r->arena, "step-%lld", (long long)v[0]));
        if (!is_scheduled(r, other))
            unlink(last);
        else if (!give_name(other, last, &r->arena, &err))
            log_warn("%s", err.message);
    }
    if (!r->spec->checkpoint.last)
        unlink(last);
    unlink(checkpoint(r, "previous"));
}

void run_checkpoint_forget(struct run *r)
{
    unlink(checkpoint(r, "last"));
    unlink(checkpoint(r, "previous"));
    unlink(checkpoint(r, "best"));
    drop_numbered(r, 0);
}
