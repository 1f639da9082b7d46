/* Whether a run may begin in a folder, or resume what it holds. */
#include "folder/folder.h"
#include "run/internal.h"
#include "util/file.h"
#include "util/sha256.h"
#include "util/text.h"
#include <string.h>

/* ---- the folder ---- */

/* A run that was killed before it had a run.json has a resolved spec.yaml, and before that no row
 * in epochs.csv; one of an earlier version's has checkpoints. NULL, or the file that is somebody
 * else's. */
static const char *foreign_file(struct run *r)
{
    const char *spec = run_path(r, FOLDER_SPEC), *epochs = run_path(r, FOLDER_EPOCHS),
               *path = file_exists(spec) ? spec : epochs;
    char *text;
    size_t n;
    struct error err;
    if (folder_has(r->folder, FOLDER_MANIFEST) || !file_exists(path) ||
        !file_read(path, FOLDER_TABLE_MOST, &text, &n, &err))
        return NULL;
    bool ours = path == spec ? spec_is_resolved(text) || run_checkpoint_spec(r)
                             : strcmp(text, run_table_header(TABLE_EPOCHS)) == 0;
    mem_free(text);
    return ours ? NULL : path;
}

bool run_admit_no_sweep(struct run *r, struct error *err)
{
    return !folder_has(r->folder, FOLDER_SWEEP) ||
           error_set(err, ERR_USAGE, "%s holds a sweep, not a run; give another folder with -o",
                     r->folder);
}

bool run_admit_folder(struct run *r, struct error *err)
{
    if (!run_admit_no_sweep(r, err))
        return false;
    const char *foreign = foreign_file(r);
    return !foreign ||
           error_set(
               err, ERR_USAGE,
               "%s would be overwritten, which is not a run's (there is no run.json); give another "
               "folder with -o",
               foreign);
}

/* ---- the experiment ---- */

/* Of the keys that differ; the others are counted. */
enum { MOST_SHOWN = 8 };

struct comparison {
    struct arena *a;
    struct strbuf refused;
    size_t n;          /* keys that differ and may not */
    bool best_changed; /* which checkpoint is to be kept as the best */
};

static void compare_key(void *context, const char *key, const char *one, const char *other)
{
    struct comparison *c = context;
    if (!spec_may_change(key) && ++c->n <= MOST_SHOWN)
        spec_add_difference(c->a, key, one, other, &c->refused);
    c->best_changed |= strcmp(key, "checkpoint.best") == 0;
}

const char *run_elsewhere(const struct run *r)
{
    return r->options->member
               ? "move that folder away and the sweep trains the member again"
               : "'descent run' takes another folder with -o, or starts over there with --force";
}

/* Of a recorded spec and this one; refused: owned by the caller. */
static struct comparison compare_specs(struct arena *a, const char *recorded, const char *text)
{
    struct comparison c = {.a = a};
    strbuf_init(&c.refused);
    spec_differences(a, spec_completed(a, recorded), text, compare_key, &c);
    if (c.n > MOST_SHOWN)
        strbuf_addf(&c.refused, "\n  and %zu more", c.n - MOST_SHOWN);
    return c;
}

/* what: it holds that of another spec. */
static bool is_same(struct run *r, const char *recorded, const char *what, struct error *err)
{
    struct comparison c = compare_specs(&r->arena, recorded, r->spec_text);
    bool ok = c.refused.length == 0;
    r->best_changed |= c.best_changed; /* in either of the two */
    if (!ok)
        error_set(err, ERR_USAGE, "%s holds %s of a different spec:%s\n%s", r->folder, what,
                  c.refused.text, run_elsewhere(r));
    strbuf_fini(&c.refused);
    return ok;
}

/* Checkpoints of another spec than the folder's: which of the two is not the run's own? */
static const char *say_checkpoints(struct run *r, const char *recorded)
{
    const char *then = folder_manifest_text(&r->arena, r->folder, "certificate", FOLDER_SPEC, NULL);
    char now[65];
    if (!recorded)
        return FOLDER_CHECKPOINTS;
    sha256_of(recorded, strlen(recorded), now);
    if (!then)
        return "checkpoints (spec.yaml was edited, or they are another run's)";
    return strcmp(then, now) == 0 ? "another run's checkpoints (spec.yaml is as it was),"
                                  : "checkpoints (spec.yaml was edited)";
}

/* spec.yaml is of another spec, as *err says: is it that of another run, or was it damaged? False.
 * trained: what its checkpoints are of, or NULL. */
static bool blame_file(struct run *r, const char *trained, struct error *err)
{
    struct json *j = folder_manifest_unchecked(r->folder);
    struct error why;
    bool certified = run_check_spec(r->folder, j, &why);
    js_free(j);
    if (!certified)
        return error_set(err, ERR_DATA, "%s; else %s", why.message, run_elsewhere(r));
    if (!trained)
        return false;
    struct comparison c = compare_specs(&r->arena, trained, r->spec_text);
    if (c.n == 0)
        error_set(err, ERR_DATA,
                  "%s was cut or edited: it is not the spec that its checkpoints were trained "
                  "with, which this one is; remove it, and this command writes it again",
                  run_path(r, FOLDER_SPEC));
    strbuf_fini(&c.refused);
    return false;
}

/* The checkpoints are of another spec than this one, as *err says. Where spec.yaml is not the run's
 * own any more, that is why, and no setting is to blame. False. */
static bool blame_edit(struct run *r, struct error *err)
{
    struct json *j = folder_manifest_unchecked(r->folder);
    struct error was = *err, why;
    if (folder_has(r->folder, FOLDER_SPEC) && !run_check_spec(r->folder, j, &why))
        error_set(err, was.code, "%s; or put %s back as it was", was.message,
                  run_path(r, FOLDER_SPEC));
    js_free(j);
    return false;
}

bool run_admit_spec(struct run *r, struct error *err)
{
    const char *path = run_path(r, FOLDER_SPEC), *trained = run_checkpoint_spec(r);
    const char *text = NULL;
    if (file_exists(path) && !folder_spec_text(&r->arena, r->folder, &text, err))
        return false;
    /* the file can have been edited since */
    return (!text || is_same(r, text, "a run", err) || blame_file(r, trained, err)) &&
           (!trained || is_same(r, trained, say_checkpoints(r, text), err) || blame_edit(r, err));
}

/* ---- its data ---- */

/* Of more files than four the last one is the test set. */
static const char *share_files(struct arena *a, const struct data_kind *k, int file)
{
    size_t n = 0;
    while (k->file[n])
        n++;
    return file < DATA_FILES / 2 ? arena_printf(a, "one of %s to %s", k->file[0], k->file[n - 2])
                                 : k->file[n - 1];
}

/* What the digest is of: a file as it is called there, or, where a set's files are others than the
 * four, its share of them. */
static const char *digested(struct arena *a, const struct data_config *c, int file)
{
    static const char *const shares[DATA_FILES] = {"training images", "training labels",
                                                   "test images", "test labels"};
    const struct data_kind *k = data_config_kind(c);
    const char *found = k->file ? data_find_file(a, c->dir, k, (size_t)file) : NULL;
    if (k->file && k->file[DATA_FILES])
        return arena_printf(a, "the %s in %s (%s)", shares[file], c->dir, share_files(a, k, file));
    return found ? found
                 : arena_printf(a, "%s/%s", k->file ? c->dir : k->base.name, data_file_names[file]);
}

/* Adds the file to what differs, if it does. */
static void compare_digest(const struct spec *spec, int file, const char *then, const char *now,
                           struct strbuf *out)
{
    struct arena a;
    arena_init(&a);
    const char *what = digested(&a, &spec->dataset, file), *and = out->length ? "; " : "";
    if (!then)
        strbuf_addf(out, "%srun.json records no SHA-256 of %s", and, what);
    else if (strcmp(then, now) != 0)
        strbuf_addf(out, "%sthe SHA-256 of %s is %.16s... there, %.16s... now", and, what, then,
                    now);
    arena_fini(&a);
}

/* Digits are made as the limits ask: of more or fewer of the same the digest differs. */
static bool is_made_longer(const struct spec *spec, const struct json *dataset, int file)
{
    struct data_sizes now;
    struct error err;
    int64_t train = 0, valid = 0, test = 0;
    if (!data_config_kind(&spec->dataset)->made || !data_sizes(&spec->dataset, &now, &err))
        return false;
    js_integer(js_get(dataset, "train"), &train);
    js_integer(js_get(dataset, "validation"), &valid);
    js_integer(js_get(dataset, "test"), &test);
    bool of_test = strncmp(folder_digest_names[file], "test", 4) == 0;
    return of_test ? (int64_t)now.test != test : (int64_t)(now.train + now.valid) != train + valid;
}

static bool is_trained(const char *folder)
{
    return folder_has(folder, FOLDER_EPOCHS) && folder_has(folder, FOLDER_MANIFEST);
}

bool run_same_digests(const struct spec *spec, const char *folder, const char (*sha256)[65],
                      struct error *err)
{
    struct json *j = NULL;
    struct strbuf b;
    if (!is_trained(folder))
        return true;
    if (!folder_manifest(folder, &j, err))
        return false;
    const struct json *dataset = js_get(j, "dataset"), *digests = js_get(dataset, "sha256");
    strbuf_init(&b);
    for (int i = 0; i < DATA_FILES; i++)
        if (!is_made_longer(spec, dataset, i))
            compare_digest(spec, i, js_string(js_get(digests, folder_digest_names[i])), sha256[i],
                           &b);
    bool same = b.length == 0;
    if (!same)
        error_set(err, ERR_DATA, "%s was trained on other data: %s", folder, b.text);
    strbuf_fini(&b);
    js_free(j);
    return same;
}

bool run_same_data(const struct spec *spec, const char *folder, struct data *d, struct error *err)
{
    data_digests(d);
    return run_same_digests(spec, folder, (const char(*)[65])d->sha256, err);
}

/* ---- what its weights began with ---- */

/* What cannot be read is the spec's data, whatever it is. */
static bool init_digest(const char *file, char ret[65], struct error *err)
{
    if (file_digest(file, ret, err))
        return true;
    err->code = ERR_DATA;
    return false;
}

bool run_same_init(const struct spec *spec, const char *folder, struct error *err)
{
    const char *file = ((const struct model_common *)spec->model.options)->init_from;
    struct arena a;
    char now[65];
    if (!file || !file_exists(file) || !is_trained(folder))
        return true;
    if (!init_digest(file, now, err))
        return false;
    arena_init(&a);
    const char *then = folder_manifest_text(&a, folder, "init_sha256", NULL, NULL);
    bool same = !then || strcmp(then, now) == 0 ||
                error_set(err, ERR_DATA,
                          "%s began with other weights: the SHA-256 of %s is %.16s... there, "
                          "%.16s... now",
                          folder, file, then, now);
    arena_fini(&a);
    return same;
}

bool run_admit_init(struct run *r, struct error *err)
{
    const char *file = ((const struct model_common *)r->spec->model.options)->init_from, *then;
    struct error why;
    r->refused = !run_same_init(r->spec, r->folder, &why);
    if (r->refused)
        return error_set(err, ERR_DATA, "%s; put that file back; else %s", why.message,
                         run_elsewhere(r));
    if (!file)
        return true;
    if (!is_trained(r->folder)) /* where it cannot be read, training cannot begin and says so */
        return !file_exists(file) || init_digest(file, r->init_sha256, err);
    then = folder_manifest_text(&r->arena, r->folder, "init_sha256", NULL, NULL);
    snprintf(r->init_sha256, sizeof r->init_sha256, "%s", then ? then : "");
    return true;
}

/* ---- admitted ---- */

bool run_admit_data(struct run *r, struct error *err)
{
    struct error why;
    r->refused = !run_same_data(r->spec, r->folder, r->data, &why);
    if (r->refused && why.code == ERR_SYSTEM)
        return error_set(err, ERR_SYSTEM, "%s", why.message);
    return !r->refused || error_set(err, ERR_DATA, "%s; %s", why.message, run_elsewhere(r));
}

bool run_admit_finished(struct run *r, struct error *err)
{
    struct error why = {0};
    if (!run_table_certified(r, TABLE_STEPS, err)) /* of epochs.csv it is known already */
        return false;
    if (!r->data)
        r->data = r->options->data;
    if (r->data || data_load(&r->spec->dataset, (uint64_t)r->spec->seed, &r->data, &why))
        return run_admit_data(r, err);
    return error_set(err, ERR_DATA,
                     "%s is finished, but whether it was trained on these data is unknown: "
                     "%s; give the place of its data with dataset.dir=FOLDER",
                     r->folder, why.message);
}

/* ---- its length ---- */

/* epoch: whole ones done; within: some updates of the next one are done too. */
static bool is_within_length(const struct spec *s, const char *folder, int64_t epoch, int64_t step,
                             bool within, struct error *err)
{
    const struct train_config *t = &s->train;
    if (t->epochs != PARAM_NULL_INT && epoch + within > t->epochs)
        return error_set(
            err, ERR_USAGE, "%s was trained %s epoch %lld already, and train.epochs asks for %lld",
            folder, within ? "into" : "to", (long long)epoch + within, (long long)t->epochs);
    if (t->steps != PARAM_NULL_INT && step > t->steps)
        return error_set(err, ERR_USAGE,
                         "%s was trained to update %lld already, and train.steps asks for %lld",
                         folder, (long long)step, (long long)t->steps);
    return true;
}

/* The command that trains it again, as long as it is asked for now. */
static void add_shorter(struct strbuf *b, const struct run *r)
{
    const struct train_config *t = &r->spec->train;
    const char *folder = text_word(r->folder);
    strbuf_addf(b, "'descent run %s/spec.yaml", folder);
    if (t->epochs == PARAM_NULL_INT)
        strbuf_addf(b, " train.epochs=null");
    else
        strbuf_addf(b, " train.epochs=%lld", (long long)t->epochs);
    if (t->steps != PARAM_NULL_INT)
        strbuf_addf(b, " train.steps=%lld", (long long)t->steps);
    strbuf_addf(b, " -o %s --force' trains it again", folder);
}

bool run_say_length(const struct run *r, struct error *err)
{
    struct error why = *err;
    if (why.code != ERR_USAGE)
        return false;
    struct strbuf how;
    strbuf_init(&how);
    if (r->options->member)
        strbuf_addf(&how, "%s", run_elsewhere(r));
    else
        add_shorter(&how, r);
    error_set(err, ERR_USAGE, "%s; ask for no less than that; else %s", why.message, how.text);
    strbuf_fini(&how);
    return false;
}

static bool has_length(const struct spec *spec, const char *folder, const struct run_summary *s,
                       struct error *err)
{
    return is_within_length(spec, folder, s->epoch, s->step,
                            s->has_final && s->step > s->final.step, err);
}

bool run_admit_length(const struct spec *spec, const char *folder, struct error *err)
{
    struct run_summary s;
    return run_read_summary(folder, &s, err) && has_length(spec, folder, &s, err);
}

bool run_admit_position(struct run *r, struct error *err)
{
    r->refused = !is_within_length(r->spec, r->folder, train_epoch_now(r->train),
                                   train_step_now(r->train), train_is_within_epoch(r->train), err);
    return !r->refused || run_say_length(r, err);
}

/* ---- whose it is ---- */

/* One that was edited is not somebody else's. */
static bool blame_spec(const char *folder, const char *keys, struct error *err)
{
    struct json *j = NULL;
    bool certified = folder_manifest(folder, &j, err) && run_check_spec(folder, j, err);
    js_free(j);
    return certified &&
           error_set(err, ERR_DATA, "%s holds a run of a different spec:%s", folder, keys);
}

static bool has_spec(const struct spec *spec, const char *folder, struct error *err)
{
    struct arena a;
    struct strbuf text;
    const char *recorded;
    arena_init(&a);
    strbuf_init(&text);
    spec_write(spec, &text);
    bool ok = folder_spec_text(&a, folder, &recorded, err);
    if (ok && strcmp(recorded, text.text) != 0) {
        struct comparison c = compare_specs(&a, recorded, text.text);
        ok = c.n == 0 || blame_spec(folder, c.refused.text, err);
        strbuf_fini(&c.refused);
    }
    strbuf_fini(&text);
    arena_fini(&a);
    return ok;
}

bool run_check_owner(const struct spec *spec, const char *folder, struct error *err)
{
    struct run_summary s;
    bool ok = !folder_has(folder, FOLDER_SPEC) ||
              (has_spec(spec, folder, err) && run_read_summary(folder, &s, err) &&
               has_length(spec, folder, &s, err));
    if (!ok)
        err->code = ERR_DATA;
    return ok;
}
