/* run.json is what others may have edited: every value that is read from it has its type and
 * range. */
#include "folder/folder.h"
#include "spec/spec.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

/* ---- what there may be ---- */

enum field_kind { TEXT, COUNT, POSITIVE, SECONDS, FLAG, DIGEST };
static const char *const kind_words[] = {"a text",
                                         "a whole number, 0 or more",
                                         "a whole number, 1 or more",
                                         "a number in [0, 1e12]",
                                         "true or false",
                                         "a SHA-256 of 64 hexadecimal digits"};

struct field {
    const char *section, *key; /* section NULL: of the whole; "a.b": below both */
    enum field_kind kind;
    bool required;
};
static const struct field fields[] = {
    {NULL, "name", TEXT, false},
    {NULL, "message", TEXT, false},
    {NULL, "owner", TEXT, false},
    {NULL, "epoch", COUNT, true},
    {NULL, "step", COUNT, true},
    {NULL, "sparse_input", FLAG, false},
    {NULL, "matmul", TEXT, false},
    {NULL, "weights_sha256", DIGEST, false},
    {NULL, "best_kept", FLAG, false},
    {NULL, "init_sha256", DIGEST, false},
    {NULL, "renamed_from", DIGEST, false},
    {"event", "what", TEXT, true},
    {"event", "step", COUNT, true},
    {"certificate", FOLDER_SPEC, DIGEST, false},
    {"certificate", FOLDER_EPOCHS, DIGEST, false},
    {"certificate", FOLDER_STEPS, DIGEST, false},
    {"certificate", "weights", DIGEST, false},
    {"dataset", "name", TEXT, false},
    {"dataset", "train", COUNT, false},
    {"dataset", "validation", COUNT, false},
    {"dataset", "test", COUNT, false},
    {"dataset", "classes", COUNT, false},
    {"dataset.sha256", "train_images", DIGEST, false},
    {"dataset.sha256", "train_labels", DIGEST, false},
    {"dataset.sha256", "test_images", DIGEST, false},
    {"dataset.sha256", "test_labels", DIGEST, false},
    {"build", "version", TEXT, false},
    {"build", "commit", TEXT, false},
    {"build", "sources", DIGEST, false},
    {"build", "compiler", TEXT, false},
    {"build", "vectors", TEXT, false},
    {"build", "processor", TEXT, false},
    {"build", "host", TEXT, false},
    {"build.blas", "name", TEXT, false},
    {"build.blas", "kernel", TEXT, false},
    {"build.blas", "threads", POSITIVE, false},
    {"times", "started", TEXT, false},
    {"times", "written", TEXT, false},
    {"times", "seconds", SECONDS, false},
    {"times", "peak_memory_bytes", COUNT, false},
};

enum status manifest_status(const struct json *j)
{
    return status_find(js_string(js_get(j, "status")));
}

/* ---- checks ---- */

static bool is_digest(const char *s)
{
    return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static bool is_of(enum field_kind kind, const struct json *v)
{
    int64_t whole;
    double real;
    bool is = false;
    switch (kind) {
    case TEXT:
        is = js_string(v) != NULL;
        break;
    case COUNT:
        is = js_integer(v, &whole) && whole >= 0;
        break;
    case POSITIVE:
        is = js_integer(v, &whole) && whole >= 1;
        break;
    case SECONDS:
        is = js_real(v, &real) && real >= 0 && real <= 1e12; /* 30,000 years */
        break;
    case FLAG:
        is = js_is_bool(v);
        break;
    case DIGEST:
        is = is_digest(js_string(v));
        break;
    }
    return is;
}

/* The section of a field; NULL where it is not there. */
static bool find_section(const struct json *j, const char *path, const struct json **ret,
                         struct error *err)
{
    const char *dot = path ? strchr(path, '.') : NULL;
    char first[32];
    *ret = j;
    if (!path)
        return true;
    snprintf(first, sizeof first, "%.*s", (int)(dot ? dot - path : (long)strlen(path)), path);
    *ret = js_get(j, first);
    if (*ret && dot && js_is_object(*ret))
        *ret = js_get(*ret, dot + 1);
    return !*ret || js_is_object(*ret) || error_set(err, ERR_DATA, "%s is not an object", path);
}

static bool check_field(const struct json *j, const struct field *f, struct error *err)
{
    const struct json *section, *value;
    if (!find_section(j, f->section, &section, err))
        return false;
    if (!section)
        return true;
    value = js_get(section, f->key);
    if (value ? is_of(f->kind, value) : !f->required)
        return true;
    return error_set(err, ERR_DATA, "%s%s%s is %s%s", f->section ? f->section : "",
                     f->section ? "." : "", f->key, value ? "not " : "missing",
                     value ? kind_words[f->kind] : "");
}

static bool check_status(const struct json *j, struct error *err)
{
    enum status status = manifest_status(j);
    const struct json *exit_code = js_get(j, "exit_code");
    int64_t code = -1;
    if (status == STATUS_NONE)
        return error_set(err, ERR_DATA,
                         "status is not running, completed, interrupted, "
                         "diverged, failed or pruned");
    if (exit_code && !js_is_null(exit_code) && (!js_integer(exit_code, &code) || code < 0))
        return error_set(err, ERR_DATA, "exit_code is neither null nor an exit code");
    if (status_has_code(status, code))
        return true;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)code);
    return error_set(err, ERR_DATA, "exit_code is %s, which no run with status %s has",
                     code < 0 ? "null" : number, status_names[status]);
}

static bool check_row(const struct json *metrics, const char *which, struct error *err)
{
    const struct json *row = js_get(metrics, which);
    if (!row || js_is_null(row))
        return true;
    if (!js_is_object(row))
        return error_set(err, ERR_DATA, "metrics.%s is neither null nor an object", which);
    static const char *const places[] = {"epoch", "step"};
    for (size_t i = 0; i < 2; i++)
        if (!is_of(COUNT, js_get(row, places[i])))
            return error_set(err, ERR_DATA, "metrics.%s.%s is not %s", which, places[i],
                             kind_words[COUNT]);
    for (int m = 0; m < METRICS; m++) {
        const struct json *v = js_get(row, metric_names[m]);
        double x;
        bool share = metric_rises((enum metric)m);
        if (!v || js_is_null(v) || (js_real(v, &x) && (!share || (x >= 0 && x <= 1))))
            continue;
        return error_set(err, ERR_DATA, "metrics.%s.%s is not %s", which, metric_names[m],
                         share ? "a number from 0 to 1" : "a number");
    }
    return true;
}

static bool check_metrics(const struct json *j, struct error *err)
{
    const struct json *metrics = js_get(j, "metrics");
    if (metrics && !js_is_object(metrics))
        return error_set(err, ERR_DATA, "metrics is not an object");
    if (!check_row(metrics, "final", err) || !check_row(metrics, "best", err))
        return false;
    return manifest_status(j) != STATUS_COMPLETED || js_is_object(js_get(metrics, "final")) ||
           error_set(err, ERR_DATA, "metrics.final is missing from a completed run");
}

/* Keys that are not known are left alone. */
static bool manifest_check(const struct json *j, struct error *err)
{
    if (!js_is_object(j))
        return error_set(err, ERR_DATA, "not an object");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (!check_field(j, &fields[i], err))
            return false;
    return check_status(j, err) && check_metrics(j, err);
}

/* ---- the file ---- */

enum { MOST = 1 << 24 }; /* bytes */

const char *const folder_digest_names[DATA_FILES] = {"train_images", "train_labels", "test_images",
                                                     "test_labels"};

/* Whether a run that has no run.json could resume. */
static bool has_checkpoint(struct arena *a, const char *folder)
{
    size_t numbered;
    folder_numbered(a, folder, &numbered);
    return folder_has(folder, FOLDER_SPEC) &&
           (numbered > 0 || folder_has(folder, FOLDER_LAST) || folder_has(folder, FOLDER_PREVIOUS));
}

const char *folder_manifest_remedy(struct arena *a, const char *folder)
{
    return has_checkpoint(a, folder)
               ? arena_printf(a,
                              "; put it back as it was, or %s'descent resume %s' begins at the "
                              "last checkpoint",
                              folder_has(folder, FOLDER_MANIFEST) ? "remove it and " : "",
                              text_word(folder))
               : "; put it back as it was, or 'descent run' with --force trains the run again";
}

static void refuse(const char *folder, const char *where, const char *mark, struct error *err)
{
    struct arena a;
    struct error why = *err;
    arena_init(&a);
    error_set(err, ERR_DATA, "%s%s%s%s", where, mark, why.message,
              folder_manifest_remedy(&a, folder));
    arena_fini(&a);
}

bool folder_manifest(const char *folder, struct json **ret, struct error *err)
{
    char *path = path_join(folder, FOLDER_MANIFEST), *text = NULL;
    size_t n;
    struct json *j = NULL;
    bool read = file_read(path, MOST, &text, &n, err);
    bool valid = read && (j = js_parse(text, n, err)) && manifest_check(j, err);
    if (valid) {
        *ret = j;
    } else {
        js_free(j);
        if (!file_is_withheld(path, err))
            refuse(folder, read ? path : "", read ? ": " : "", err);
    }
    mem_free(text);
    mem_free(path);
    return valid;
}

struct json *folder_manifest_unchecked(const char *folder)
{
    char *path = path_join(folder, FOLDER_MANIFEST), *text;
    size_t n;
    struct error err;
    struct json *j = NULL;
    if (file_read(path, MOST, &text, &n, &err)) {
        j = js_parse(text, n, &err);
        mem_free(text);
    }
    mem_free(path);
    return j;
}

bool folder_write_manifest(const char *folder, const struct json *j, struct error *err)
{
    char *path = path_join(folder, FOLDER_MANIFEST);
    struct strbuf text;
    strbuf_init(&text);
    js_write(j, &text, 2);
    strbuf_add(&text, "\n");
    bool ok = file_write(path, text.text, text.length, err);
    strbuf_fini(&text);
    mem_free(path);
    return ok;
}

const char *folder_manifest_text(struct arena *a, const char *folder, const char *key,
                                 const char *key2, const char *key3)
{
    struct json *j = folder_manifest_unchecked(folder);
    const struct json *at = js_get(j, key);
    if (key2)
        at = js_get(at, key2);
    if (key3)
        at = js_get(at, key3);
    const char *text = js_string(at);
    text = text ? arena_strdup(a, text) : NULL;
    js_free(j);
    return text;
}

const char *folder_manifest_event(struct arena *a, const char *folder, int64_t *ret_step)
{
    struct json *j = folder_manifest_unchecked(folder);
    const struct json *e = js_get(j, "event");
    const char *what = js_string(js_get(e, "what"));
    what = what && js_integer(js_get(e, "step"), ret_step) ? arena_strdup(a, what) : NULL;
    js_free(j);
    return what;
}
