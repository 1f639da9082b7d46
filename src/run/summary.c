/* run.json read back. */
#include "folder/folder.h"
#include "folder/lock.h"
#include "run/internal.h"
#include "util/file.h"
#include "util/json.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As epochs.csv has it: what was written before an interruption was read back from there. */
static bool read_row(const struct json *j, struct epoch_row *row)
{
    if (!js_is_object(j))
        return false;
    js_integer(js_get(j, "epoch"), &row->epoch);
    js_integer(js_get(j, "step"), &row->step);
    for (int m = 0; m < METRICS; m++) {
        double v;
        row->value[m] =
            js_real(js_get(j, metric_names[m]), &v) ? run_tables_number(v) : (double)NAN;
    }
    return true;
}

/* ---- against epochs.csv ---- */

/* Whether the table has what the manifest says of one epoch. What a later version or an earlier one
 * does not tell is not compared; of a best epoch, nor are test figures that only an end has. */
static bool agrees(const struct json *j, const char *which, const struct epoch_row *row,
                   struct error *err)
{
    for (int m = 0; m < METRICS; m++) {
        const struct json *cell = js_get(j, metric_names[m]);
        bool test = metric_is_test((enum metric)m);
        double v = (double)NAN, there = row->value[m];
        if (!cell || (test && isnan(there) && strcmp(which, "best") == 0))
            continue;
        if (js_real(cell, &v) ? run_tables_number(v) == there : !isfinite(there))
            continue;
        char said[40];
        snprintf(said, sizeof said, js_is_null(cell) ? "null" : "%.9g", run_tables_number(v));
        return isnan(there)
                   ? error_set(err, ERR_DATA, "metrics.%s.%s is %s, but empty in epochs.csv", which,
                               metric_names[m], said)
                   : error_set(err, ERR_DATA, "metrics.%s.%s is %s, but %.9g in epochs.csv", which,
                               metric_names[m], said, there);
    }
    return true;
}

static bool check_row(const struct json *j, const char *which, const struct epoch_row *v, size_t n,
                      struct error *err)
{
    const struct json *row = js_get(js_get(j, "metrics"), which);
    bool final = strcmp(which, "final") == 0;
    int64_t epoch, step;
    if (!js_integer(js_get(row, "epoch"), &epoch) || !js_integer(js_get(row, "step"), &step))
        return true;
    if (final && (n == 0 || v[n - 1].epoch != epoch || v[n - 1].step != step))
        return error_set(err, ERR_DATA,
                         "metrics.final is of epoch %lld, update %lld, with which epochs.csv does "
                         "not end",
                         (long long)epoch, (long long)step);
    for (size_t i = final ? n - 1 : 0; i < n; i++)
        if (v[i].epoch == epoch)
            return agrees(row, which, &v[i], err);
    return true;
}

/* Where a completed run says that it stands, against its table's end. */
static bool check_position(const struct json *j, const struct epoch_row *v, size_t n,
                           struct error *err)
{
    int64_t epoch = 0, step = 0;
    js_integer(js_get(j, "epoch"), &epoch);
    js_integer(js_get(j, "step"), &step);
    if (manifest_status(j) != STATUS_COMPLETED || n == 0)
        return true;
    if (v[n - 1].epoch != epoch)
        return error_set(err, ERR_DATA, "epoch is %lld, but epochs.csv ends with epoch %lld",
                         (long long)epoch, (long long)v[n - 1].epoch);
    return v[n - 1].step == step ||
           error_set(err, ERR_DATA, "step is %lld, but epochs.csv ends with update %lld",
                     (long long)step, (long long)v[n - 1].step);
}

/* While a run is under way its table may be ahead. */
static bool has_final_table(const char *folder, const struct json *j)
{
    return status_is_settled(manifest_status(j)) && folder_has(folder, FOLDER_EPOCHS);
}

bool run_check_metrics(const char *folder, const struct json *j, struct error *err)
{
    struct arena a;
    struct epoch_row *rows;
    size_t n;
    bool ok = true;
    arena_init(&a);
    if (has_final_table(folder, j)) {
        ok = run_read_epochs(&a, folder, &rows, &n, err) &&
             run_check_certificate(folder, j, FOLDER_EPOCHS, err);
        if (ok && !(check_row(j, "final", rows, n, err) && check_row(j, "best", rows, n, err) &&
                    check_position(j, rows, n, err))) {
            struct error why = *err;
            ok = error_set(err, ERR_DATA, "%s/run.json: %s%s", folder, why.message,
                           folder_manifest_remedy(&a, folder));
        }
    }
    arena_fini(&a);
    if (!ok)
        err->code = ERR_DATA;
    return ok;
}

/* spec.yaml is not looked at: what may change of it is a run's own affair. */
static bool read_manifest(const char *folder, struct json **ret, struct error *err)
{
    struct json *j;
    if (!folder_manifest(folder, &j, err))
        return false;
    bool ok = has_final_table(folder, j) ? run_check_metrics(folder, j, err)
                                         : run_check_certificate(folder, j, FOLDER_EPOCHS, err);
    if (ok)
        *ret = j;
    else
        js_free(j);
    return ok;
}

bool run_read_manifest(const char *folder, struct json **ret, struct error *err)
{
    if (!read_manifest(folder, ret, err))
        return false;
    if (run_check_spec(folder, *ret, err))
        return true;
    js_free(*ret);
    *ret = NULL;
    return false;
}

static void copy_text(const struct json *j, const char *key, char *ret, size_t room)
{
    const char *text = js_string(js_get(j, key));
    snprintf(ret, room, "%s", text ? text : "");
}

bool run_read_summary(const char *folder, struct run_summary *ret, struct error *err)
{
    struct json *j = NULL;
    *ret = (struct run_summary){0};
    if (!folder_has(folder, FOLDER_MANIFEST))
        return true;
    if (!read_manifest(folder, &j, err))
        return false;
    const struct json *metrics = js_get(j, "metrics");
    int64_t code = 0;
    js_integer(js_get(j, "exit_code"), &code);
    ret->exit_code = (int)code;
    ret->status = manifest_status(j);
    copy_text(j, "message", ret->message, sizeof ret->message);
    js_integer(js_get(j, "epoch"), &ret->epoch);
    js_integer(js_get(j, "step"), &ret->step);
    js_real(js_get(js_get(j, "times"), "seconds"), &ret->seconds);
    copy_text(js_get(j, "build"), "host", ret->host, sizeof ret->host);
    copy_text(js_get(j, "build"), "sources", ret->sources, sizeof ret->sources);
    copy_text(js_get(j, "times"), "written", ret->written, sizeof ret->written);
    ret->has_final = read_row(js_get(metrics, "final"), &ret->final);
    read_row(js_get(metrics, "best"), &ret->best);
    js_free(j);
    return true;
}

/* ---- another status ---- */

/* Digests of what the run has left so far. */
static bool certify(const char *folder, struct json *j, struct error *err)
{
    static const char *const files[] = {FOLDER_SPEC, FOLDER_EPOCHS, FOLDER_STEPS};
    struct json *certificate = js_new_object();
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof files / sizeof files[0]; i++) {
        char digest[65];
        if (!folder_has(folder, files[i]))
            continue;
        ok = folder_digest(folder, files[i], digest, err);
        if (ok)
            js_set(certificate, files[i], js_new_string(digest));
    }
    js_set(j, "certificate", certificate);
    return ok;
}

/* One that was pruned before has its certificate, or was written by an earlier version. */
static bool set_pruned(const char *folder, struct error *err)
{
    struct json *j;
    if (!folder_manifest(folder, &j, err))
        return false;
    bool ok = manifest_status(j) == STATUS_PRUNED || certify(folder, j, err);
    js_set(j, "status", js_new_string(status_names[STATUS_PRUNED]));
    js_set(j, "exit_code", js_new_null());
    ok = ok && folder_write_manifest(folder, j, err);
    js_free(j);
    return ok;
}

static bool prune(const char *folder, bool keep_last, struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char *checkpoints = folder_path(&a, folder, FOLDER_CHECKPOINTS);
    bool ok = file_check_links(checkpoints, err);
    if (ok) {
        file_drop_temporaries(folder);
        file_drop_temporaries(checkpoints);
        unlink(arena_printf(&a, "%s/previous.safetensors", checkpoints));
    }
    if (ok && !keep_last)
        unlink(arena_printf(&a, "%s/last.safetensors", checkpoints));
    arena_fini(&a);
    return ok && set_pruned(folder, err);
}

bool run_prune(const char *folder, bool keep_last, double wait, struct error *err)
{
    static const struct lock_range whole = {0};
    struct lock l;
    bool held;
    if (!lock_take(&l, folder, &(struct lock_wanted){&whole, 1, wait, false}, &held, err))
        return false;
    bool ok = prune(folder, keep_last, err);
    lock_release(&l); /* with what a killed run left of its own */
    return ok;
}
