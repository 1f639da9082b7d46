/* A sweep's folder: whose it is, and who works in it. */
#include "sweep/internal.h"
#include "util/file.h"
#include "util/log.h"
#include "util/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- the lock ---- */

/* Bytes of the lock file: tables; the whole (all shards share it); then one for each shard of each
 * division. */
enum { BYTE_TABLES, BYTE_WHOLE, BYTE_SHARDS };
enum { MOST_SHARDS = 1 << 20 };
/* Seconds: one that ends has the whole for a moment, in which another one may begin. */
static const double WAIT_FOR_THE_LAST = 10;

bool sweep_lock(struct lock *l, const char *folder, size_t shard, size_t shards, struct error *err)
{
    bool held, whole = shards == 1;
    struct lock_range range[] = {
        {.shared = !whole, .from = BYTE_WHOLE, .n = !whole},
        {.from = (off_t)(BYTE_SHARDS + shards * MOST_SHARDS + shard), .n = 1}};
    const struct lock_wanted wanted = {range, shards > 1 ? 2 : 1, whole ? 0 : WAIT_FOR_THE_LAST,
                                       false};
    if (lock_take(l, folder, &wanted, &held, err)) {
        if (whole) /* nobody else writes here: of one that was killed while it wrote a table */
            file_drop_temporaries(folder);
        return true;
    }
    return held &&
           error_set(
               err, ERR_SYSTEM,
               "another process works on this sweep (%s): wait for it, 'descent status %s' shows how "
               "far it is, or take another folder: 'descent sweep SPEC -o FOLDER'",
               l->path, text_word(folder));
}

bool sweep_lock_tables(struct lock *l, const volatile sig_atomic_t *stop)
{
    return lock_byte(l, BYTE_TABLES, true, stop);
}

void sweep_unlock_tables(struct lock *l)
{
    lock_byte(l, BYTE_TABLES, false, NULL);
}

/* ---- the same sweep, or one that has grown ---- */

/* ret[i]: the member of the new sweep that member i of the old one has become, or SIZE_MAX. */
static void match(const struct sweep *old, const struct sweep *new, size_t *ret)
{
    struct sweep_identity *v = mem_array(new->members + 1, sizeof *v);
    char digest[65];
    for (size_t i = 0; i < new->members; i++) {
        sweep_identify(new, old, i, v[i].digest);
        v[i].member = i;
    }
    sweep_sort_identities(v, new->members);
    for (size_t i = 0; i < old->members; i++) {
        sweep_identify(old, new, i, digest);
        const struct sweep_identity *found = sweep_find_identity(v, new->members, digest);
        ret[i] = found ? found->member : SIZE_MAX;
    }
    mem_free(v);
}

struct differences {
    struct arena *arena;
    struct strbuf text;
    bool rungs; /* the length is one of them */
};

static void add_difference(void *context, const char *key, const char *one, const char *other)
{
    struct differences *d = context;
    if (!spec_may_change(key) || (d->rungs && strcmp(key, "train.epochs") == 0))
        spec_add_difference(d->arena, key, one, other, &d->text);
}

/* Whom the rungs promote depends on who is there, and on the length. */
static bool have_same_rungs(const struct sweep *old, const struct sweep *new, const size_t *now)
{
    if (old->brackets + new->brackets == 0)
        return true;
    bool same = old->brackets == new->brackets && old->members == new->members;
    for (size_t i = 0; same && i < old->brackets; i++) {
        const struct sweep_bracket *x = &old->bracket[i], *y = &new->bracket[i];
        same = x->metric == y->metric && x->eta == y->eta && x->first == y->first &&
               x->from == y->from && x->n == y->n;
    }
    for (size_t i = 0; same && i < old->members; i++)
        same = now[i] == i && sweep_member_epochs(old, i) == sweep_member_epochs(new, i);
    return same;
}

/* Whether another member than `but` has this name now. names: as they were before any of them took
 * an old one, which none of the others has. */
static bool is_taken(const struct sweep *s, const struct sweep_names *names, const char *name,
                     size_t but)
{
    size_t i = sweep_names_find(names, name);
    return i != SIZE_MAX && i != but && strcmp(s->member[i].folder, name) == 0;
}

/* Tasks in the queue know their members by name, and read the sweep's spec when they start. */
static bool is_free(const char *folder, struct arena *a, struct error *err)
{
    struct slurm_queue queue;
    if (!slurm_has_submissions(folder))
        return true;
    if (!slurm_read_queue(folder, true, a, &queue, err))
        return error_prefix(err, "the sweep has changed, and what its queue holds is unknown: ");
    if (queue.tasks > 0)
        return error_set(
            err, ERR_USAGE,
            "the sweep has changed, and %zu task%s of what it was %s in Slurm's queue: wait for %s, "
            "or 'scancel' %s, or give another folder with -o",
            queue.tasks, queue.tasks == 1 ? "" : "s", queue.tasks == 1 ? "is" : "are",
            queue.tasks == 1 ? "it" : "them", queue.tasks == 1 ? "it" : "them");
    return true;
}

/* A sweep and the folder that is to be its own. */
struct claim {
    const struct sweep *s;
    const char *folder;
    struct arena *a;
    struct strbuf text; /* what its sweep.yaml is to be */
    const char *before; /* what that is, NULL: there is none */
    struct sweep old;   /* of which that tells */
    size_t *now;        /* of each of its members: which it has become, or SIZE_MAX */
    const char *remedy; /* what to type where it is another one's */
};

static bool refuse(const struct claim *c, bool rungs, struct error *err)
{
    struct differences d = {.arena = c->a, .rungs = rungs};
    strbuf_init(&d.text);
    spec_differences(c->a, c->before, c->text.text, add_difference, &d);
    error_set(err, ERR_USAGE, "%s holds a different sweep, whose %s:%s\n%s", c->folder,
              rungs ? "rungs promoted members that this one's might not"
                    : "members would be lost from this one",
              d.text.text, c->remedy);
    strbuf_fini(&d.text);
    return false;
}

/* A member that was trained further than it now asks for would have to be trained again. */
static bool are_within_length(const struct claim *c, struct error *err)
{
    const struct sweep *old = &c->old;
    bool ok = true;
    for (size_t i = 0; ok && i < old->members; i++) {
        struct arena a;
        struct spec spec;
        if (c->now[i] == SIZE_MAX)
            continue;
        arena_init(&a);
        sweep_member_spec(c->s, c->now[i], &a, &spec);
        ok = run_admit_length(&spec, folder_path(&a, c->folder, old->member[i].folder), err);
        if (!ok && err->code == ERR_USAGE) {
            struct error why = *err;
            error_set(err, ERR_USAGE, "%s; ask for no less than that; else %s", why.message,
                      c->remedy);
        }
        arena_fini(&a);
    }
    return ok;
}

static bool may_grow(struct claim *c, struct error *err)
{
    struct sweep *old = &c->old;
    if (!sweep_load_folder(c->a, c->folder, old, err))
        return false;
    if (!is_free(c->folder, c->a, err))
        return false;
    size_t begun = 0, lost = 0;
    c->now = arena_alloc(c->a, (old->members + 1) * sizeof *c->now);
    match(old, c->s, c->now);
    for (size_t i = 0; i < old->members; i++) {
        bool there = file_exists(folder_path(c->a, c->folder, old->member[i].folder));
        begun += there;
        lost += there && c->now[i] == SIZE_MAX;
    }
    bool rungs = begun > 0 && !have_same_rungs(old, c->s, c->now);
    if (lost > 0 || rungs)
        return refuse(c, rungs, err);
    return are_within_length(c, err);
}

/* Members that are there under the names that they had keep those, whatever has become of their
 * files. */
static void keep_folders(const struct claim *c)
{
    struct sweep_names names = sweep_names_new(c->s);
    for (size_t i = 0; i < c->old.members; i++) {
        const char *was = c->old.member[i].folder;
        struct sweep_member *m = c->now[i] == SIZE_MAX ? NULL : &c->s->member[c->now[i]];
        if (m && strcmp(was, m->folder) != 0 && !folder_has(c->folder, m->folder) &&
            folder_has(c->folder, was) && !is_taken(c->s, &names, was, c->now[i]))
            m->folder = arena_strdup(c->s->arena, was);
    }
    sweep_names_free(&names);
}

/* Asks whether the sweep may begin, each member being where its run lies before any is renamed. */
static bool ask(struct claim *c, const struct sweep_asked *may, struct error *err)
{
    const struct sweep *s = c->s;
    const char **name = arena_alloc(c->a, (s->members + 1) * sizeof *name);
    for (size_t i = 0; i < s->members; i++)
        name[i] = s->member[i].folder;
    for (size_t i = 0; i < c->old.members; i++)
        if (c->now[i] != SIZE_MAX &&
            file_exists(folder_path(c->a, c->folder, c->old.member[i].folder)))
            s->member[c->now[i]].folder = c->old.member[i].folder;
    sweep_adopt(s, c->folder);
    bool ok = may->may_begin(may->context, err);
    for (size_t i = 0; i < s->members; i++)
        s->member[i].folder = name[i];
    return ok;
}

/* A member keeps its folder though its name has changed with the sweep's growth, but where the name
 * is another member's now; whichever name is free goes first. */
static bool clear_names(const struct claim *c, const struct sweep_names *names, struct error *err)
{
    const struct sweep *old = &c->old, *new = c->s;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < old->members; i++) {
            if (c->now[i] == SIZE_MAX ||
                strcmp(old->member[i].folder, new->member[c->now[i]].folder) == 0)
                continue;
            const char *from = folder_path(c->a, c->folder, old->member[i].folder),
                       *to = folder_path(c->a, c->folder, new->member[c->now[i]].folder);
            if (!file_exists(from) || file_exists(to) ||
                !is_taken(new, names, old->member[i].folder, c->now[i]))
                continue;
            if (rename(from, to) != 0)
                return error_set(err, ERR_SYSTEM, "cannot rename %s to %s: %s", from, to,
                                 strerror(errno));
            log_info("%s is now called %s: another member has its name", from, to);
            moved = true;
        }
    }
    return true;
}

static bool write_claim(const struct claim *c, struct error *err)
{
    const struct sweep *old = &c->old;
    if (c->before && c->s->members != old->members)
        log_info("%s had %zu member%s and now has %zu", c->folder, old->members,
                 old->members == 1 ? "" : "s", c->s->members);
    struct sweep_names names = sweep_names_new(c->s);
    bool ok = clear_names(c, &names, err);
    sweep_names_free(&names);
    return ok && file_write(folder_path(c->a, c->folder, FOLDER_SWEEP), c->text.text,
                            c->text.length, err);
}

/* What is written has to be read back. */
static bool is_recordable(const struct claim *c, struct error *err)
{
    return c->text.length <= FOLDER_RECORD_MOST ||
           error_set(
               err, ERR_USAGE,
               "the sweep takes %zu MiB of %s/%s, which holds at most %d: shorten its texts or "
               "its lists",
               (c->text.length >> 20) + 1, c->folder, FOLDER_SWEEP, FOLDER_RECORD_MOST >> 20);
}

static bool read_before(struct claim *c, struct error *err)
{
    const char *path = folder_path(c->a, c->folder, FOLDER_SWEEP);
    bool there = file_exists(path);
    if (there && !sweep_is_written(c->folder))
        return error_set(err, ERR_USAGE,
                         "%s would be overwritten, which is not a sweep's (there is no %s); give "
                         "another folder with -o",
                         path, FOLDER_MEMBERS);
    if (!there && folder_has(c->folder, FOLDER_SPEC))
        return error_set(err, ERR_USAGE, "%s holds a run, not a sweep; give another folder with -o",
                         c->folder);
    return !there || folder_sweep_text(c->a, c->folder, &c->before, err);
}

bool sweep_claim(const struct sweep *s, const char *folder, const struct sweep_asked *may,
                 struct error *err)
{
    struct arena a;
    struct claim c = {.s = s, .folder = folder, .a = &a, .remedy = may->remedy};
    arena_init(&a);
    strbuf_init(&c.text);
    sweep_write(s, &c.text);
    bool ok = is_recordable(&c, err) && read_before(&c, err),
         same = c.before && strcmp(c.before, c.text.text) == 0;
    if (ok && !same)
        ok = (!c.before || may_grow(&c, err)) && ask(&c, may, err) && write_claim(&c, err);
    if (ok && !same)
        keep_folders(&c);
    if (ok)
        sweep_adopt(s, folder);
    strbuf_fini(&c.text);
    arena_fini(&a);
    return ok;
}
