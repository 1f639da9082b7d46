/* A run folder: how far it is, and whether its files are what run.json says. */
#include "run/run.h"
#include "folder/folder.h"
#include "inspect/internal.h"
#include "spec/metric.h"
#include "spec/spec.h"
#include "util/file.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

struct folder {
    struct inspection *x;
    const char *path;
    struct json *manifest; /* NULL: none that can be read */
    bool completed, settled, keeps_none;
    struct arena arena;
};

static const char *text_of(const struct json *j, const char *fallback)
{
    const char *s = js_string(j);
    return s ? s : fallback;
}

static long long integer_of(const struct json *j)
{
    int64_t v = 0;
    js_integer(j, &v);
    return (long long)v;
}

/* ---- run.json ---- */

static void add_build(struct folder *f, const struct json *build)
{
    const struct json *blas = js_get(build, "blas");
    if (!build)
        return;
    inspect_line(f->x, "build", "descent %s (commit %s)", text_of(js_get(build, "version"), "?"),
                 text_of(js_get(build, "commit"), "?"));
    inspect_line(f->x, "compiler", "%.60s", text_of(js_get(build, "compiler"), "?"));
    inspect_line(f->x, "BLAS", "%s, kernel %s, threads %lld", text_of(js_get(blas, "name"), "?"),
                 text_of(js_get(blas, "kernel"), "?"), integer_of(js_get(blas, "threads")));
}

/* Where it is now; what is wrong with run.json is told elsewhere. */
static void read_position(struct folder *f, struct run_summary *r)
{
    const struct json *j = f->manifest;
    struct error ignored;
    if (run_read_progress(f->path, r, &ignored))
        return;
    *r = (struct run_summary){.status = manifest_status(j),
                              .epoch = integer_of(js_get(j, "epoch")),
                              .step = integer_of(js_get(j, "step"))};
}

static void add_manifest(struct folder *f)
{
    const struct json *j = f->manifest;
    struct strbuf name;
    strbuf_init(&name);
    inspect_text(&name, text_of(js_get(j, "name"), "?"), 60);
    struct run_summary now;
    read_position(f, &now);
    f->completed = now.status == STATUS_COMPLETED;
    f->settled = status_is_settled(now.status);
    inspect_line(f->x, "name", "%s", name.text);
    inspect_line(f->x, "status", "%s", status_names[now.status]);
    if (js_string(js_get(j, "message"))) {
        strbuf_clear(&name);
        inspect_text(&name, js_string(js_get(j, "message")), 64);
        inspect_line(f->x, "message", "%s", name.text);
    }
    inspect_line(f->x, "position", "epoch %lld, update %lld", (long long)now.epoch,
                 (long long)now.step);
    add_build(f, js_get(j, "build"));
    strbuf_fini(&name);
}

static void read_manifest(struct folder *f)
{
    struct error err;
    if (!folder_has(f->path, FOLDER_MANIFEST))
        inspect_line(f->x, "status", "begun; there is no run.json yet");
    else if (folder_manifest(f->path, &f->manifest, &err))
        add_manifest(f);
    else
        inspect_problem(f->x, "%s", err.message);
}

/* ---- metrics ---- */

static void add_cell(struct strbuf *b, const struct json *row, const char *split, const char *what,
                     double factor)
{
    char key[32], number[METRIC_LOSS_TEXT];
    double v;
    snprintf(key, sizeof key, "%s_%s", split, what);
    if (js_real(js_get(row, key), &v))
        strbuf_addf(b, " %10s", metric_show_loss(number, factor * v));
    else
        strbuf_addf(b, " %10s", "-");
}

static void add_metrics(struct folder *f)
{
    const struct json *final = js_get(js_get(f->manifest, "metrics"), "final"),
                      *best = js_get(js_get(f->manifest, "metrics"), "best");
    if (!js_is_object(final) && !js_is_object(best))
        return;
    strbuf_addf(&f->x->text, "\n%-5s %10s %10s %10s %10s\n", "", "final loss", "accuracy %",
                "best loss", "accuracy %");
    for (size_t i = 0; i < 3; i++) {
        strbuf_addf(&f->x->text, "%-5s", split_info[i].name);
        add_cell(&f->x->text, final, split_info[i].name, "loss", 1);
        add_cell(&f->x->text, final, split_info[i].name, "accuracy", 100);
        add_cell(&f->x->text, best, split_info[i].name, "loss", 1);
        add_cell(&f->x->text, best, split_info[i].name, "accuracy", 100);
        strbuf_add(&f->x->text, "\n");
    }
    strbuf_addf(&f->x->text, "%-5s %10s %10lld", "epoch", "", integer_of(js_get(final, "epoch")));
    if (js_is_object(best))
        strbuf_addf(&f->x->text, " %10s %10lld", "", integer_of(js_get(best, "epoch")));
    strbuf_add(&f->x->text, "\n");
}

/* ---- the files ---- */

static void check_spec(struct folder *f)
{
    struct spec spec;
    struct error err;
    const struct node *root;
    const char *text;
    bool judged = f->manifest || !folder_has(f->path, FOLDER_MANIFEST);
    bool ok = judged ? run_read_spec(&f->arena, f->path, &spec, &err)
                     : folder_spec_text(&f->arena, f->path, &text, &err) &&
                           run_parse_recorded(&f->arena, f->path, text, &root, &err);
    if (!ok)
        inspect_problem(f->x, "%s", err.message);
    f->keeps_none = ok && judged && !spec.checkpoint.last;
}

/* Whether run.json's certificate names the file. */
static bool is_certified(const struct folder *f, const char *name)
{
    return f->settled && js_string(js_get(js_get(f->manifest, "certificate"), name));
}

/* A row per epoch, from 0 on. */
static void check_epochs(struct folder *f)
{
    struct epoch_row *rows;
    struct error err;
    size_t n;
    if (!folder_has(f->path, FOLDER_EPOCHS)) {
        if (f->completed && !is_certified(f, FOLDER_EPOCHS)) /* else named among the digests */
            inspect_problem(f->x, "there is no %s/epochs.csv", f->path);
        return;
    }
    if (!run_read_epochs(&f->arena, f->path, &rows, &n, &err)) {
        inspect_problem(f->x, "%s", err.message);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (rows[i].epoch != (int64_t)i) {
            inspect_problem(f->x, "%s/epochs.csv: row %zu is of epoch %lld instead of %zu", f->path,
                            i + 1, (long long)rows[i].epoch, i);
            break;
        }
    if (f->completed && n == 0) {
        inspect_problem(f->x, "%s/epochs.csv has no row", f->path);
        return;
    }
    if (f->completed && n > 0 && !run_check_times(f->path, rows[n - 1].epoch, &err))
        inspect_problem(f->x, "%s", err.message);
    if (f->manifest && run_check_certificate(f->path, f->manifest, FOLDER_EPOCHS, &err) &&
        !run_check_metrics(f->path, f->manifest, &err)) /* else named among the digests */
        inspect_problem(f->x, "%s", err.message);
}

/* The digest of one file, and whether it is the certificate's, where that names it. */
static void add_digest(struct folder *f, const char *name)
{
    char hex[65];
    struct error err;
    bool there = folder_has(f->path, name);
    if (there && !folder_digest(f->path, name, hex, &err)) {
        inspect_problem(f->x, "%s", err.message);
        return;
    }
    if (there)
        strbuf_addf(&f->x->text, "%-12s %s\n", name, hex);
    if (strcmp(name, FOLDER_SPEC) != 0 && is_certified(f, name) && /* spec.yaml is looked at */
        !run_check_certificate(f->path, f->manifest, name, &err))
        inspect_problem(f->x, "%s", err.message);
}

static void add_weights(struct folder *f)
{
    const char *path = folder_path(&f->arena, f->path, FOLDER_LAST);
    const char *recorded = js_string(js_get(f->manifest, "weights_sha256"));
    struct st_file file;
    struct error err;
    char hex[65];
    if (!file_exists(path) || !st_read(path, &file, &err))
        return; /* named among the checkpoints */
    folder_weights_digest(&file, hex);
    strbuf_addf(&f->x->text, "%-12s %s\n", "weights", hex);
    if (f->completed && recorded && strcmp(recorded, hex) != 0)
        inspect_problem(f->x, "%s: its weights are not those of run.json's digest", path);
    st_fini(&file);
}

/* ---- checkpoints ---- */

static void list_checkpoints(struct folder *f, struct file_names *ret)
{
    file_list(&f->arena, folder_path(&f->arena, f->path, FOLDER_CHECKPOINTS), ret);
}

/* A run that is at work has removed it since the list was taken. */
static bool has_gone(struct folder *f, const char *name)
{
    struct file_names now;
    list_checkpoints(f, &now);
    for (size_t i = 0; i < now.n; i++)
        if (strcmp(now.name[i], name) == 0)
            return false;
    return true;
}

/* Its other cells follow: below it where the page is narrow. */
static void add_name(struct folder *f, const char *name)
{
    bool beside = f->x->page >= 72;
    strbuf_addf(&f->x->text, beside ? "%-30s" : "%s\n  ", name);
}

static void add_checkpoint(struct folder *f, const char *name)
{
    struct st_file file;
    struct error err;
    const char *path =
        folder_path(&f->arena, folder_path(&f->arena, f->path, FOLDER_CHECKPOINTS), name);
    if (!st_read(path, &file, &err)) {
        if (has_gone(f, name))
            return;
        add_name(f, name);
        strbuf_add(&f->x->text, " damaged\n");
        inspect_problem(f->x, "%s", err.message);
        return;
    }
    const char *epoch = st_meta(&file, "descent.epoch"), *step = st_meta(&file, "descent.step"),
               *cursor = st_meta(&file, "descent.cursor");
    add_name(f, name);
    strbuf_addf(&f->x->text, " %8.8s %10.10s %12zu  sound%s\n", epoch ? epoch : "?",
                step ? step : "?", file.length,
                cursor && strcmp(cursor, "0") != 0 ? ", within an epoch" : "");
    if (!epoch || !step)
        inspect_problem(f->x, "%s is no checkpoint: it has no position", path);
    st_fini(&file);
}

static void add_checkpoints(struct folder *f)
{
    struct file_names file;
    bool any = false;
    list_checkpoints(f, &file);
    for (size_t i = 0; i < file.n; i++) {
        const char *name = file.name[i];
        if (!text_ends(name, ".safetensors"))
            continue;
        if (!any) {
            strbuf_add(&f->x->text, "\n");
            add_name(f, "checkpoint");
            strbuf_addf(&f->x->text, " %8s %10s %12s\n", "epoch", "update", "bytes");
        }
        any = true;
        add_checkpoint(f, name);
    }
    if (f->completed && js_is_true(js_get(f->manifest, "best_kept")) &&
        !folder_has(f->path, FOLDER_BEST))
        inspect_problem(f->x, "there is no %s/" FOLDER_BEST, f->path);
    if (f->completed && !f->keeps_none && !folder_has(f->path, FOLDER_LAST))
        inspect_problem(f->x, "there is no %s/" FOLDER_LAST, f->path);
}

bool inspect_run(const char *path, struct inspection *x, struct error *err)
{
    if (!folder_holds_run(path))
        return error_set(err, ERR_DATA, "%s holds no run: there is no run.json", path);
    struct folder f = {.x = x, .path = path};
    arena_init(&f.arena);
    inspect_line(x, "run", "%s", path);
    read_manifest(&f);
    check_spec(&f);
    check_epochs(&f);
    add_metrics(&f);
    add_checkpoints(&f);
    strbuf_addf(&x->text, "\n%-12s SHA-256\n", "file");
    add_digest(&f, FOLDER_SPEC);
    add_digest(&f, FOLDER_EPOCHS);
    add_digest(&f, FOLDER_STEPS);
    add_weights(&f);
    js_free(f.manifest);
    arena_fini(&f.arena);
    return true;
}
