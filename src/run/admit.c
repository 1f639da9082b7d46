/* Whether a run may begin in a folder, or go on with what it holds. */
#include "run/internal.h"
#include "util/file.h"
#include <string.h>

/* ---- the folder ---- */

/* The spec that a run leaves: its own resolution. */
static bool is_resolved(struct run *r, const char *text)
{
    struct spec s = {0};
    struct diags d;
    struct strbuf out;
    diags_init(&d, &r->arena);
    if (!spec_parse(&r->arena, "spec.yaml", arena_strdup(&r->arena, text), NULL, 0, &d, &s) ||
        !s.optimizer.kind)
        return false;
    strbuf_init(&out);
    spec_write(&s, &out);
    bool is = strcmp(out.text, text) == 0;
    strbuf_fini(&out);
    return is;
}

/* A run that was killed before it had a run.json has a resolved spec.yaml, and before that no row
 * in epochs.csv; one of an earlier version's has checkpoints. NULL, or the file that is somebody
 * else's. */
static const char *foreign_file(struct run *r)
{
    const char *spec = run_path(r, "spec.yaml"), *epochs = run_path(r, "epochs.csv"),
               *path = file_exists(spec) ? spec : epochs;
    char *text;
    size_t n;
    struct error err;
    if (file_exists(run_path(r, "run.json")) || !file_exists(path) ||
        !file_read(path, (size_t)1 << 32, &text, &n, &err))
        return NULL;
    bool ours = path == spec ? is_resolved(r, text) || run_checkpoint_spec(r)
                             : strcmp(text, run_table_header(TABLE_EPOCHS)) == 0;
    mem_free(text);
    return ours ? NULL : path;
}

bool run_admit_folder(struct run *r, struct error *err)
{
    if (file_exists(run_path(r, "sweep.yaml")))
        return error_set(err, ERR_USAGE,
                         "%s holds a sweep, not a run; give another folder with -o", r->folder);
    const char *foreign = foreign_file(r);
    return !foreign ||
           error_set(
               err, ERR_USAGE,
               "%s would be overwritten, which is not a run's (there is no run.json); give another "
               "folder with -o",
               foreign);
}

/* ---- the experiment ---- */

struct comparison {
    struct run *r;
    struct strbuf refused;
};

static void compare_key(void *context, const char *key, const char *one, const char *other)
{
    struct comparison *c = context;
    if (!spec_may_change(key))
        strbuf_addf(&c->refused, "\n  %s: %s there, %s now", key, one ? one : "absent",
                    other ? other : "absent");
    c->r->best_changed |= strcmp(key, "checkpoint.best") == 0;
}

/* what: it holds that of another spec. */
static bool is_same(struct run *r, const char *recorded, const char *what, struct error *err)
{
    struct comparison c = {.r = r};
    strbuf_init(&c.refused);
    r->best_changed = false;
    spec_differences(&r->arena, spec_completed(&r->arena, recorded), r->spec_text, compare_key,
                     &c);
    bool ok = c.refused.length == 0;
    if (!ok)
        error_set(
            err, ERR_USAGE,
            "%s holds %s of a different spec:%s\ngive another folder with -o, or --force to start afresh there",
            r->folder, what, c.refused.text);
    strbuf_fini(&c.refused);
    return ok;
}

bool run_admit_spec(struct run *r, struct error *err)
{
    const char *path = run_path(r, "spec.yaml"), *trained = run_checkpoint_spec(r);
    char *text = NULL;
    size_t n;
    if (file_exists(path) && !file_read(path, 1 << 22, &text, &n, err))
        return false;
    /* the file can have been edited since */
    bool ok =
        (!text || is_same(r, text, "a run", err)) &&
        (!trained ||
         is_same(r, trained, text ? "checkpoints (spec.yaml was edited)" : "checkpoints", err));
    mem_free(text);
    return ok;
}

/* ---- its data ---- */

bool run_same_data(const struct spec *spec, const char *folder, struct data *d,
                   struct error *err)
{
    struct arena a;
    bool same = true, trained;
    arena_init(&a);
    trained = file_exists(arena_printf(&a, "%s/epochs.csv", folder));
    if (trained)
        data_digests(d);
    for (int i = 0; trained && same && i < DATA_FILES; i++) {
        const char *then =
            run_manifest_text(&a, folder, "dataset", "sha256", run_digest_names[i]);
        same = !then || strcmp(then, d->sha256[i]) == 0;
        if (!same)
            error_set(
                err, ERR_DATA,
                "%s was trained on other data: the SHA-256 of %s/%s is %.16s... there, %.16s... now",
                folder,
                strcmp(data_names[spec->dataset.name], "digits") == 0 ? "digits"
                                                                      : spec->dataset.dir,
                data_file_names[i], then, d->sha256[i]);
    }
    arena_fini(&a);
    return same;
}

bool run_admit_data(struct run *r, struct error *err)
{
    struct error why;
    r->refused = !run_same_data(r->spec, r->folder, r->data, &why);
    return !r->refused ||
           error_set(err, ERR_DATA,
                     "%s; give another folder with -o, or --force to start afresh there",
                     why.message);
}

/* ---- its length ---- */

/* epoch: whole ones done; within: some updates of the next one are done too. */
static bool is_within_length(const struct spec *s, const char *folder, int64_t epoch,
                             int64_t step, bool within, struct error *err)
{
    static const char remedy[] =
        "; ask for no less than that, give another folder with -o, or --force to start afresh there";
    const struct train_config *t = &s->train;
    if (t->epochs != PARAM_NULL_INT && epoch + within > t->epochs)
        return error_set(
            err, ERR_USAGE,
            "%s was trained %s epoch %lld already, and train.epochs asks for %lld%s", folder,
            within ? "into" : "to", (long long)epoch + within, (long long)t->epochs, remedy);
    if (t->steps != PARAM_NULL_INT && step > t->steps)
        return error_set(
            err, ERR_USAGE,
            "%s was trained to update %lld already, and train.steps asks for %lld%s", folder,
            (long long)step, (long long)t->steps, remedy);
    return true;
}

bool run_admit_length(const struct spec *spec, const char *folder, struct error *err)
{
    struct run_summary s;
    run_read_summary(folder, &s);
    return is_within_length(spec, folder, s.epoch, s.step, s.has_final && s.step > s.final.step,
                            err);
}

bool run_admit_position(struct run *r, struct error *err)
{
    r->refused =
        !is_within_length(r->spec, r->folder, train_epoch_now(r->train),
                          train_step_now(r->train), train_is_within_epoch(r->train), err);
    return !r->refused;
}
