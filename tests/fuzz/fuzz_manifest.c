/* Any bytes as a run's run.json: what reads it gives texts and numbers, and what rewrites it a
 * run.json that reads back. */
#include "folder/folder.h"
#include "fuzz.h"
#include "run/internal.h"
#include <stdlib.h>
#include <string.h>

/* Accuracies are shares. */
static bool has_shares(const struct epoch_row *row)
{
    bool all = true;
    for (int m = 0; m < METRICS; m++)
        all &= !strstr(metric_names[m], "_accuracy") || !(row->value[m] < 0 || row->value[m] > 1);
    return all;
}

/* A list of lengths is told only where it is one. */
static void check_lengths(struct arena *a, const char *folder)
{
    const struct run_length *v;
    size_t n = run_read_lengths(a, folder, &v);
    if (n == 1 || (n > 0) != (run_extensions(a, folder) != NULL))
        abort();
    for (size_t i = 0; i < n; i++)
        if (v[i].epoch < 0 || v[i].step < 0 ||
            (v[i].epochs == PARAM_NULL_INT) == (v[i].steps == PARAM_NULL_INT))
            abort();
}

static void check_rewriting(struct arena *a, const char *folder, struct error *err)
{
    struct run_summary s;
    if (run_manifest_rename(folder, "another", "optimizer: sgd\n", err)) {
        const char *name = folder_manifest_text(a, folder, "name", NULL, NULL);
        if (!name || strcmp(name, "another") != 0)
            abort();
    }
    if (!run_prune(folder, true, 0, err))
        return;
    if (!run_read_summary(folder, &s, err) || s.status != STATUS_PRUNED)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *folder = fuzz_folder("run.json", bytes, n);
    struct arena a;
    struct run_summary s;
    struct strbuf changes;
    struct json *j;
    struct error err = {0};
    arena_init(&a);
    strbuf_init(&changes);
    bool valid = run_read_summary(folder, &s, &err);
    if (!valid && (err.code != ERR_DATA || err.message[0] == '\0'))
        abort();
    if (valid && (s.exit_code < 0 || s.exit_code > 255 || s.epoch < 0 || s.step < 0 ||
                  !has_shares(&s.final) || !has_shares(&s.best)))
        abort();
    if (strlen(s.message) >= sizeof s.message)
        abort();
    check_lengths(&a, folder);
    run_build_changes(folder, &changes);
    if (folder_manifest(folder, &j, &err)) {
        js_free(j);
        check_rewriting(&a, folder, &err);
    } else if (err.code != ERR_DATA) {
        abort();
    }
    strbuf_fini(&changes);
    arena_fini(&a);
    return 0;
}
