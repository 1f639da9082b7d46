/* run.json is what others may have edited: every value that is read from it has its type and range. */
#include "folder/folder.h"
#include "spec/spec.h"
#include "util/file.h"
#include "util/mem.h"
#include <stdio.h>
#include <string.h>

/* ---- what there may be ---- */

enum field_kind { TEXT, COUNT, POSITIVE, SECONDS, FLAG, DIGEST };
static const char *const kind_words[] = {"a text",
                                         "a whole number, 0 or more",
                                         "a whole number, 1 or more",
                                         "a number, 0 or more",
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
    {"event", "what", TEXT, true},
    {"event", "step", COUNT, true},
    {"certificate", "spec.yaml", DIGEST, false},
    {"certificate", "epochs.csv", DIGEST, false},
    {"certificate", "steps.csv", DIGEST, false},
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

/* A status and the exit codes that it may come with; -1: null. */
static const struct {
    const char *name;
    int code[8];
    size_t codes;
} statuses[] = {
    {"running", {-1}, 1},
    {"completed", {0, ERR_EXPECT}, 2},
    {"interrupted", {-1, 75, 129, 130, 143, 152}, 6},
    {"diverged", {ERR_DIVERGED}, 1},
    {"failed", {ERR_USAGE, ERR_DATA, ERR_SYSTEM}, 3},
    {"pruned", {-1, 75, 129, 130, 143, 152}, 6},
};
enum { STATUSES = sizeof statuses / sizeof statuses[0] };

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
        is = js_real(v, &real) && real >= 0;
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
    const char *status = js_string(js_get(j, "status"));
    const struct json *exit_code = js_get(j, "exit_code");
    int64_t code = -1;
    size_t s = 0;
    while (s < STATUSES && !(status && strcmp(status, statuses[s].name) == 0))
        s++;
    if (s == STATUSES)
        return error_set(err, ERR_DATA,
                         "status is not running, completed, interrupted, "
                         "diverged, failed or pruned");
    if (exit_code && !js_is_null(exit_code) && (!js_integer(exit_code, &code) || code < 0))
        return error_set(err, ERR_DATA, "exit_code is neither null nor an exit code");
    for (size_t i = 0; i < statuses[s].codes; i++)
        if (statuses[s].code[i] == code)
            return true;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)code);
    return error_set(err, ERR_DATA, "exit_code is %s, which no run with status %s has",
                     code < 0 ? "null" : number, status);
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
        bool share = strstr(metric_names[m], "_accuracy") != NULL;
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
    const char *status = js_string(js_get(j, "status"));
    if (metrics && !js_is_object(metrics))
        return error_set(err, ERR_DATA, "metrics is not an object");
    if (!check_row(metrics, "final", err) || !check_row(metrics, "best", err))
        return false;
    return strcmp(status, "completed") != 0 || js_is_object(js_get(metrics, "final")) ||
           error_set(err, ERR_DATA, "metrics.final is missing from a completed run");
}

bool manifest_check(const struct json *j, struct error *err)
{
    if (!js_is_object(j))
        return error_set(err, ERR_DATA, "not an object");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (!check_field(j, &fields[i], err))
            return false;
    return check_status(j, err) && check_metrics(j, err);
}

bool folder_manifest(const char *folder, struct json **ret, struct error *err)
{
    char path[4096], *text;
    size_t n;
    int length = snprintf(path, sizeof path, "%s/run.json", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(err, ERR_SYSTEM, "the path %.60s... is too long", folder);
    if (!file_read(path, 1 << 24, &text, &n, err)) {
        err->code = ERR_DATA;
        return false;
    }
    struct json *j = js_parse(text, n, err);
    mem_free(text);
    if (j && manifest_check(j, err)) {
        *ret = j;
        return true;
    }
    js_free(j);
    err->code = ERR_DATA;
    return error_prefix(err, "%s: ", path);
}
