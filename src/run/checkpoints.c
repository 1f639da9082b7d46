/* Which checkpoints a run folder holds: last, previous, best, numbered ones; and where the run
 * ended within an epoch, its state and the best epoch's just before that end, at which a longer run
 * resumes. */
#include "checkpoint/safetensors.h"
#include "run/internal.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/json.h"
#include "util/log.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char before_end[] = "before-end", best_before_end[] = "before-end-best";

/* Those that are written again and again are made once, as the arena lives as long as the run. */
static const char *checkpoint(struct run *r, const char *name)
{
    static const char *const fixed[FIXED_CHECKPOINTS] = {"last", "previous", "best", before_end,
                                                         best_before_end};
    for (size_t i = 0; i < FIXED_CHECKPOINTS; i++)
        if (strcmp(name, fixed[i]) == 0) {
            if (!r->checkpoint[i])
                r->checkpoint[i] = folder_checkpoint(&r->arena, r->folder, name);
            return r->checkpoint[i];
        }
    return folder_checkpoint(&r->arena, r->folder, name);
}

static const char *checkpoints_folder(struct run *r)
{
    if (!r->checkpoints)
        r->checkpoints = run_path(r, FOLDER_CHECKPOINTS);
    return r->checkpoints;
}

static void drop_numbered(struct run *r, size_t keep)
{
    struct arena a;
    size_t n;
    arena_init(&a);
    int64_t *v = folder_numbered(&a, r->folder, &n);
    for (size_t i = 0; i + keep < n; i++)
        unlink(folder_checkpoint(&a, r->folder, folder_step_name(&a, v[i])));
    arena_fini(&a);
}

enum { UNNUMBERED = 3 };

/* The names of what training may be taken up from, best first: last, before its end, previous,
 * numbered ones. In the arena. */
static const char **list_resumable(struct run *r, size_t *ret_n)
{
    size_t n;
    int64_t *v = folder_numbered(&r->arena, r->folder, &n);
    const char **name = arena_alloc(&r->arena, (n + UNNUMBERED) * sizeof *name);
    name[0] = "last";
    name[1] = before_end;
    name[2] = "previous";
    for (size_t i = 0; i < n; i++)
        name[i + UNNUMBERED] = folder_step_name(&r->arena, v[n - 1 - i]);
    *ret_n = n + UNNUMBERED;
    return name;
}

/* A checkpoint with what it counts on, which is on disk before it. */
static bool write_checkpoint(struct run *r, const char *path, struct error *err)
{
    char epochs[65], counted[65], steps[65];
    struct strbuf lengths;
    struct st_meta note[3] = {{"descent.epochs_sha256", counted}};
    size_t n = 1;
    const char *folder = checkpoints_folder(r);
    if (!run_owner_check(r, err))
        return false;
    bool made;
    if (!file_make_inner_folder(folder, &made, err))
        return false;
    r->is_new_name |= made;
    if (!run_tables_sync(r, err))
        return false;
    run_tables_digests(r, epochs, counted, steps);
    if (r->spec->log.steps > 0)
        note[n++] = (struct st_meta){"descent.steps_sha256", steps};
    strbuf_init(&lengths);
    if (r->lengths > 0) {
        struct json *j = run_lengths_json(r->length, r->lengths);
        js_write(j, &lengths, 0);
        js_free(j);
        note[n++] = (struct st_meta){"descent.lengths", lengths.text};
    }
    bool ok = train_save(r->train, path, r->spec_text, note, n, err);
    strbuf_fini(&lengths);
    return ok;
}

/* Whether the file at this path is the one that lay there then. */
static bool is_still(const char *path, const struct stat *then)
{
    struct stat now;
    return lstat(path, &now) == 0 && now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
           now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* For name_last: that which lies there now. */
static void note_last(struct run *r)
{
    if (lstat(checkpoint(r, "last"), &r->own_last) != 0)
        r->own_last = (struct stat){0};
}

/* `last`, as this process has written it, under another name too; written again where locks protect
 * nothing and another process has put its own in that place. */
static bool name_last(struct run *r, const char *to, struct error *err)
{
    const char *last = checkpoint(r, "last");
    if (!is_still(last, &r->own_last))
        return write_checkpoint(r, to, err);
    if (!file_give_name(last, to, err))
        return false;
    file_sync_folder(checkpoints_folder(r)); /* run.json counts on the name */
    return true;
}

/* `last` gets its numbered name too; the oldest ones beyond `keep` go. */
static bool give_number(struct run *r, struct error *err)
{
    if (r->spec->checkpoint.keep == 0)
        return true;
    struct arena a;
    arena_init(&a);
    const char *name = folder_step_name(&a, train_step_now(r->train));
    bool ok = name_last(r, folder_checkpoint(&a, r->folder, name), err);
    arena_fini(&a);
    drop_numbered(r, (size_t)r->spec->checkpoint.keep);
    return ok;
}

static bool save(struct run *r, bool numbered, struct error *err)
{
    const char *last = checkpoint(r, "last");
    if (!run_owner_check(r, err))
        return false;
    if (file_exists(last) && !file_give_name(last, checkpoint(r, "previous"), err))
        return false;
    if (!write_checkpoint(r, last, err))
        return false;
    note_last(r);
    r->last_checkpoint = clock_monotonic();
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
        return run_owner_check(r, err) && name_last(r, checkpoint(r, "best"), err);
    return write_checkpoint(r, checkpoint(r, "best"), err);
}

bool run_checkpoint_now(struct run *r, bool numbered, struct error *err)
{
    return save(r, numbered, err);
}

bool run_checkpoint_cut(struct run *r, struct error *err)
{
    const char *best = checkpoint(r, "best"), *kept = checkpoint(r, best_before_end);
    if (!r->spec->checkpoint.last)
        return true;
    if (!run_owner_check(r, err))
        return false;
    if (!file_exists(best))
        unlink(kept);
    else if (!file_give_name(best, kept, err)) /* the partial epoch may be better */
        return false;
    return write_checkpoint(r, checkpoint(r, before_end), err);
}

/* What was loaded is `last` from now on; written again where locks protect nothing and another
 * process has put its own in that place since. */
static bool take_loaded(struct run *r, const char *loaded, const char *last, struct error *err)
{
    if (!is_still(loaded, &r->loaded)) {
        bool ok = write_checkpoint(r, last, err);
        note_last(r);
        return ok;
    }
    r->own_last = r->loaded;
    return strcmp(loaded, last) == 0 || file_give_name(loaded, last, err);
}

/* Where a checkpoint stands; -1 and false where there is none, or it does not tell. */
struct position {
    int64_t epoch, step;
    bool at_epoch_end;
    bool partial; /* of a run that ended within an epoch, its end */
};

static struct position position_of(const char *path)
{
    struct position p = {.epoch = -1, .step = -1};
    struct error err;
    struct st_file file;
    if (!file_exists(path) || !st_read(path, &file, &err))
        return p;
    const char *epoch = st_meta(&file, "descent.epoch"), *step = st_meta(&file, "descent.step"),
               *cursor = st_meta(&file, "descent.cursor"),
               *partial = st_meta(&file, "descent.partial");
    if (epoch)
        p.epoch = strtoll(epoch, NULL, 10);
    if (step)
        p.step = strtoll(step, NULL, 10);
    p.at_epoch_end = cursor && strcmp(cursor, "0") == 0;
    p.partial = partial && strcmp(partial, "1") == 0;
    st_fini(&file);
    return p;
}

/* Past the end within an epoch that epoch's weights are no longer the best. */
static bool restore_best(struct run *r, struct error *err)
{
    const struct epoch_row *row = train_best(r->train);
    const char *best = checkpoint(r, "best");
    if (!row)
        unlink(best);
    return !row || position_of(best).epoch == row->epoch ||
           file_give_name(checkpoint(r, best_before_end), best, err);
}

/* A kill may fall between writing `last` and giving it the other names that its position calls for;
 * and where another one had to stand in for a damaged `last`, it becomes `last`, or the next save
 * would move the damage into `previous`. */
bool run_checkpoint_restore(struct run *r, struct error *err)
{
    const struct checkpoint_config *c = &r->spec->checkpoint;
    const char *last = checkpoint(r, "last"), *loaded = r->from.path;
    if (!loaded)
        return true;
    int64_t epoch = train_epoch_now(r->train), step = train_step_now(r->train);
    bool within = train_is_within_epoch(r->train);
    if (!take_loaded(r, loaded, last, err) || (r->past_partial_end && !restore_best(r, err)))
        return false;
    const struct epoch_row *best = train_best(r->train);
    if (!within && best && best->epoch == epoch && !name_last(r, checkpoint(r, "best"), err))
        return false;
    bool due = within ? c->every_steps != PARAM_NULL_INT && step % c->every_steps == 0
                      : epoch_is_due(r, epoch);
    return !due || give_number(r, err);
}

/* Whether training can resume from what was loaded. From the end of a run that ended
 * within an epoch a longer one cannot, nor where that partial epoch, which it will not have, is the
 * best that is on file. */
static bool can_resume(struct run *r)
{
    const struct epoch_row *row = train_best(r->train);
    bool is_end = train_is_finished(r->train) &&
                  r->spec->train.epochs == PARAM_NULL_INT; /* an end by epochs is that of one */
    if (train_ends_within_epoch(r->train) && !is_end) {
        r->past_partial_end = true;
        return false;
    }
    if (!r->past_partial_end || !row)
        return true;
    return position_of(checkpoint(r, "best")).epoch == row->epoch ||
           position_of(checkpoint(r, best_before_end)).epoch == row->epoch;
}

const char *run_checkpoint_spec(struct run *r)
{
    size_t n;
    const char **name = list_resumable(r, &n);
    for (size_t i = 0; i < n + 1; i++) {
        const char *path = checkpoint(r, i < n ? name[i] : "best");
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

void run_reached(const char *folder, int64_t *ret_epoch, int64_t *ret_step)
{
    struct run r = {.folder = folder};
    struct run_summary s;
    struct error why;
    if (!run_read_summary(folder, &s, &why)) /* which the run will say */
        s = (struct run_summary){0};
    *ret_epoch = s.epoch;
    *ret_step = s.step;
    arena_init(&r.arena);
    size_t n;
    const char **name = list_resumable(&r, &n);
    for (size_t i = 0; i < n; i++) {
        struct position p = position_of(checkpoint(&r, name[i]));
        if (p.epoch < 0 || p.step < 0)
            continue;
        /* a finished run may have kept none of its end, but it did come there */
        if (!(s.status == STATUS_COMPLETED && p.step < s.step)) {
            *ret_epoch = p.epoch;
            *ret_step = p.step;
        }
        break;
    }
    arena_fini(&r.arena);
}

/* Whether it was written at the end of this epoch. */
static bool is_of_epoch(const char *path, int64_t epoch)
{
    struct position p = position_of(path);
    return p.epoch == epoch && p.at_epoch_end;
}

bool run_checkpoint_choose_best(struct run *r, const struct epoch_row *row, size_t n,
                                struct error *err)
{
    const struct epoch_row *now = run_tables_best(r->spec, row, n);
    const char *best = checkpoint(r, "best");
    train_set_best(r->train, now);
    if (now && is_of_epoch(best, now->epoch))
        return true;
    const char *numbered = now ? checkpoint(r, folder_step_name(&r->arena, now->step)) : NULL;
    const char *const other[] = {checkpoint(r, "last"), checkpoint(r, "previous"), numbered};
    for (size_t i = 0; now && i < 3; i++)
        if (is_of_epoch(other[i], now->epoch)) {
            if (!file_give_name(other[i], best, err))
                return false;
            if (is_of_epoch(best, now->epoch)) /* another process may have replaced it by then */
                return true;
        }
    unlink(best);
    if (now)
        log_warn(
            "by checkpoint.best: %s the best epoch so far is %lld, whose weights were not kept: only a better one will be "
            "best.safetensors",
            r->spec->checkpoint.best, (long long)now->epoch);
    return true;
}

/* Whether a checkpoint is of this version of results. */
static bool has_these_results(const struct run *r, const struct st_file *file, struct error *err)
{
    const char *text = st_meta(file, "descent.results");
    long long then = text ? strtoll(text, NULL, 10) : 1;
    if (then == TRAIN_RESULTS)
        return true;
    return error_set(
        err, ERR_DATA,
        "%s has results of version %lld, this descent makes those of version %d: resumed it would be neither; "
        "'descent run' with --force begins it again",
        r->folder, then, TRAIN_RESULTS);
}

static const char *note_of(struct run *r, const struct st_file *f, const char *key)
{
    const char *text = st_meta(f, key);
    return text ? arena_strdup(&r->arena, text) : NULL;
}

/* What the loaded checkpoint counts on, and how long its run was to be. */
static void take_notes(struct run *r, const struct st_file *file, const char *path)
{
    struct diags d;
    r->from = (struct run_counted){.path = path,
                                   .epoch = train_epoch_now(r->train),
                                   .step = train_step_now(r->train),
                                   .epochs = note_of(r, file, "descent.epochs_sha256"),
                                   .steps = note_of(r, file, "descent.steps_sha256")};
    run_lengths_take(r, st_meta(file, "descent.lengths"));
    const char *text = note_of(r, file, "descent.spec");
    diags_init(&d, &r->arena);
    r->has_trained = text && spec_parse(&r->arena, &(struct spec_text){.name = path, .text = text},
                                        &d, &r->trained);
}

/* What cannot be read today may be sound, and newer than what else there may be. */
static bool say_withheld(const char *path, struct error *err)
{
    struct error why = *err;
    return error_set(err, ERR_SYSTEM,
                     "%s; try again once it can be read, or move %s away to resume "
                     "from an older checkpoint",
                     why.message, path);
}

/* Read once: where locks protect nothing, the file may be another one a moment later. The run is
 * spoilt by what a file that does not serve has left in it. */
static bool load_one(struct run *r, const char *path, bool *spoilt, bool *ret_damaged,
                     bool *ret_found, struct error *err)
{
    struct st_file file;
    if (lstat(path, &r->loaded) != 0) /* before it is read: what comes later is another one */
        r->loaded = (struct stat){0};
    *ret_damaged = !st_read(path, &file, err);
    if (*ret_damaged && err->code == ERR_SYSTEM)
        return say_withheld(path, err);
    if (*ret_damaged)
        return !st_is_of_other_format(path); /* sound, and newer than what else there may be */
    bool ok = has_these_results(r, &file, err) && (!*spoilt || run_train_again(r, true, err));
    *spoilt = true;
    *ret_damaged = ok && !train_take(r->train, &file, path, err);
    *ret_found = ok && !*ret_damaged && can_resume(r);
    if (*ret_found)
        take_notes(r, &file, path);
    st_fini(&file);
    return ok;
}

bool run_checkpoint_is_there(struct run *r)
{
    size_t n;
    bool is = false;
    const char **name = list_resumable(r, &n);
    for (size_t i = 0; i < n; i++)
        is |= file_exists(checkpoint(r, name[i]));
    return is;
}

/* The trained end stays until others are there in its place. */
static bool set_aside(struct run *r, struct error *err)
{
    const char *last = checkpoint(r, "last");
    if (file_exists(last) && !file_give_name(last, checkpoint(r, "previous"), err))
        return false;
    drop_numbered(r, 0);
    unlink(last);
    unlink(checkpoint(r, "best"));
    return true;
}

bool run_checkpoint_load(struct run *r, bool *ret_found, struct error *err)
{
    size_t n, damaged = 0;
    bool spoilt = false, is_damaged;
    *ret_found = false;
    const char **name = list_resumable(r, &n);
    for (size_t i = 0; i < n && !*ret_found; i++) {
        const char *path = checkpoint(r, name[i]);
        if (!file_exists(path))
            continue;
        if (!load_one(r, path, &spoilt, &is_damaged, ret_found, err))
            return false;
        damaged += is_damaged;
        if (is_damaged)
            log_warn("%s", err->message);
    }
    if (*ret_found)
        return true;
    if (damaged > 0 && !r->past_partial_end)
        return error_set(
            err, ERR_DATA,
            "no checkpoint of %s can be read; 'descent run' with --force starts it over",
            r->folder);
    if (!spoilt)
        return !r->blank || run_train_again(r, false, err);
    log_warn(
        "%s ended within an epoch and keeps no state at which a longer run can resume: it is trained "
        "again from the beginning; until its next checkpoints the old end is in " FOLDER_PREVIOUS,
        r->folder);
    return set_aside(r, err) && run_train_again(r, false, err);
}

/* It is there and cannot be read now: as nothing is known of it, nothing that stands for it goes. */
static bool is_unread(const char *path)
{
    return file_exists(path) && position_of(path).step < 0;
}

void run_checkpoint_tidy(struct run *r, const struct checkpoint_config *c)
{
    const char *last = checkpoint(r, "last");
    if (!c->last)
        unlink(last);
    bool kept =
        file_exists(checkpoint(r, before_end)) || file_exists(checkpoint(r, best_before_end));
    if (kept && !is_unread(last) && !position_of(last).partial) {
        unlink(checkpoint(r, before_end));
        unlink(checkpoint(r, best_before_end));
    }
    unlink(checkpoint(r, "previous"));
    drop_numbered(r, (size_t)c->keep);
    rmdir(run_path(r, FOLDER_CHECKPOINTS)); /* where the spec keeps none */
}

/* Whether the spec asked for a checkpoint there; a signal or the clock did otherwise. */
static bool is_scheduled(struct run *r, const char *path)
{
    struct position p = position_of(path);
    int64_t every = r->spec->checkpoint.every_steps;
    return p.at_epoch_end || (p.step >= 0 && every != PARAM_NULL_INT && p.step % every == 0);
}

void run_checkpoint_settle(struct run *r)
{
    struct error err;
    const char *last = checkpoint(r, "last"), *other = checkpoint(r, "previous");
    if (is_unread(last))
        return;
    if (file_exists(last) && !is_scheduled(r, last)) {
        size_t n;
        const char **name = list_resumable(r, &n);
        if (!is_scheduled(r, other) && n > UNNUMBERED)
            other = checkpoint(r, name[UNNUMBERED]);
        if (!is_scheduled(r, other))
            unlink(last);
        else if (!file_give_name(other, last, &err))
            log_warn("%s", err.message);
    }
    if (!r->spec->checkpoint.last)
        unlink(last);
    unlink(checkpoint(r, "previous"));
}

/* In this order what is left, should a kill come between, is a run whose other names come back. */
void run_checkpoint_forget(struct run *r)
{
    drop_numbered(r, 0);
    unlink(checkpoint(r, before_end));
    unlink(checkpoint(r, best_before_end));
    unlink(checkpoint(r, "previous"));
    unlink(checkpoint(r, "last"));
    unlink(checkpoint(r, "best"));
}
