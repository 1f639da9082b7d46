/* Which checkpoints a run folder holds: last, previous, best, numbered ones. */
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

/* A second name for the same bytes; the old file of that name is replaced at once. Where the file system has no links: a copy. */
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

static bool save(struct run *r, bool numbered, struct error *err)
{
    const char *last = checkpoint(r, "last");
    if (file_exists(last) && !give_name(last, checkpoint(r, "previous"), &r->arena, err))
        return false;
    if (!train_save(r->train, last, r->spec_text, err))
        return false;
    r->last_checkpoint = progress_now();
    if (!numbered || r->spec->checkpoint.keep == 0)
        return true;
    const char *name = arena_printf(&r->arena, "step-%lld", (long long)train_step_now(r->train));
    bool ok = give_name(last, checkpoint(r, name), &r->arena, err);
    drop_numbered(r, (size_t)r->spec->checkpoint.keep);
    return ok;
}

bool run_checkpoint_epoch(struct run *r, const struct epoch_row *row, struct error *err)
{
    const struct checkpoint_config *c = &r->spec->checkpoint;
    if (row->epoch == 0)
        return true;
    bool due = c->every > 0 && row->epoch % c->every == 0;
    bool saved = due || row->last;
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

bool run_checkpoint_load(struct run *r, bool *ret_found, struct error *err)
{
    int64_t v[64];
    size_t n = list_numbered(r, v, sizeof v / sizeof v[0]), damaged = 0;
    for (size_t i = 0; i < n + 2; i++) {
        const char *name = i == 0 ? "last" : i == 1 ? "previous" : arena_printf(&r->arena, "step-%lld", (long long)v[i - 2]);
        const char *path = checkpoint(r, name);
        if (!file_exists(path))
            continue;
        char key[64];
        if (damaged > 0) { /* what a bad file left behind must not matter */
            train_free(r->train);
            r->train = NULL;
            if (!train_new(r->spec, r->data, &r->train, key, err))
                return false;
        }
        if (train_load(r->train, path, err)) {
            *ret_found = true;
            return true;
        }
        log_warn("%s", err->message);
        damaged++;
    }
    *ret_found = false;
    if (damaged == 0)
        return true;
    return error_set(err, ERR_DATA, "no checkpoint of %s can be read; 'descent run' with --force starts it afresh", r->folder);
}

void run_checkpoint_tidy(struct run *r)
{
    unlink(checkpoint(r, "previous"));
}

void run_checkpoint_forget(struct run *r)
{
    unlink(checkpoint(r, "last"));
    unlink(checkpoint(r, "previous"));
    unlink(checkpoint(r, "best"));
    drop_numbered(r, 0);
}
