/* run.json read back. */
#include "run/run.h"
#include "util/file.h"
#include "util/json.h"
#include "util/path.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As epochs.csv has it: what was written before an interruption was read back from there. */
static double as_in_table(double v)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", v);
    return strtod(text, NULL);
}

static bool read_row(const struct json *j, struct epoch_row *row)
{
    if (!js_is_object(j))
        return false;
    js_integer(js_get(j, "epoch"), &row->epoch);
    js_integer(js_get(j, "step"), &row->step);
    for (int m = 0; m < METRICS; m++) {
        double v;
        row->value[m] = js_real(js_get(j, metric_names[m]), &v) ? as_in_table(v) : (double)NAN;
    }
    return true;
}

static struct json *read_manifest(const char *folder)
{
    char *path = path_join(folder, "run.json"), *text;
    size_t n;
    struct error err;
    bool ok = file_read(path, 1 << 20, &text, &n, &err);
    mem_free(path);
    if (!ok)
        return NULL;
    struct json *j = js_parse(text, n, &err);
    mem_free(text);
    return j;
}

void run_read_summary(const char *folder, struct run_summary *ret)
{
    struct json *j = read_manifest(folder);
    const char *status = js_string(js_get(j, "status")),
               *message = js_string(js_get(j, "message"));
    const struct json *metrics = js_get(j, "metrics");
    int64_t code = 0;
    *ret = (struct run_summary){0};
    js_integer(js_get(j, "exit_code"), &code);
    ret->exit_code = (int)code;
    snprintf(ret->status, sizeof ret->status, "%s", status ? status : "");
    snprintf(ret->message, sizeof ret->message, "%s", message ? message : "");
    js_integer(js_get(j, "epoch"), &ret->epoch);
    js_integer(js_get(j, "step"), &ret->step);
    js_real(js_get(js_get(j, "times"), "seconds"), &ret->seconds);
    ret->has_final = read_row(js_get(metrics, "final"), &ret->final);
    ret->has_best = read_row(js_get(metrics, "best"), &ret->best);
    js_free(j);
}

bool run_prune(const char *folder, bool keep_last, struct error *err)
{
    struct json *j = read_manifest(folder);
    if (!j)
        return error_set(err, ERR_DATA, "%s/run.json cannot be read", folder);
    struct arena a;
    const char *manifest, *checkpoints;
    arena_init(&a);
    manifest = arena_printf(&a, "%s/run.json", folder);
    checkpoints = arena_printf(&a, "%s/checkpoints", folder);
    bool ok = file_check_links(checkpoints, err);
    struct strbuf text;
    strbuf_init(&text);
    js_set(j, "status", js_new_string("pruned"));
    js_write(j, &text, 2);
    strbuf_add(&text, "\n");
    if (ok)
        unlink(arena_printf(&a, "%s/previous.safetensors", checkpoints));
    if (ok && !keep_last)
        unlink(arena_printf(&a, "%s/last.safetensors", checkpoints));
    ok = ok && file_write(manifest, text.text, text.length, err);
    strbuf_fini(&text);
    arena_fini(&a);
    js_free(j);
    return ok;
}
