/* run.json: what the run is, on what it ran, how far it is. */
#include "folder/folder.h"
#include "num/blas.h"
#include "num/matmul.h"
#include "run/internal.h"
#include "run/sources.h"
#include "run/version.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/json.h"
#include "util/processor.h"
#include "util/sha256.h"
#include "util/system.h"
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct json *metrics_of(const struct epoch_row *row)
{
    struct epoch_row rounded = run_tables_rounded(row);
    struct json *j = js_new_object();
    js_set(j, "epoch", js_new_integer(row->epoch));
    js_set(j, "step", js_new_integer(row->step));
    for (int m = 0; m < METRICS; m++)
        js_set(j, metric_names[m], js_new_real(rounded.value[m]));
    return j;
}

/* What could not be read does not tell what was trained on: that stays. */
static struct json *recorded_digests(struct run *r)
{
    struct json *digests = js_new_object();
    for (int i = 0; i < DATA_FILES; i++) {
        const char *then =
            folder_manifest_text(&r->arena, r->folder, "dataset", "sha256", folder_digest_names[i]);
        if (then)
            js_set(digests, folder_digest_names[i], js_new_string(then));
    }
    return digests;
}

static struct json *dataset_of(struct run *r)
{
    struct json *j = js_new_object();
    js_set(j, "name", js_new_string(data_names[r->spec->dataset.name]));
    if (!r->data) {
        if (folder_manifest_text(&r->arena, r->folder, "dataset", "sha256", folder_digest_names[0]))
            js_set(j, "sha256", recorded_digests(r));
        return j;
    }
    data_digests(r->data);
    js_set(j, "train", js_new_integer((int64_t)r->data->train.n));
    js_set(j, "validation", js_new_integer((int64_t)r->data->valid.n));
    js_set(j, "test", js_new_integer((int64_t)r->data->test.n));
    js_set(j, "classes", js_new_integer((int64_t)r->data->classes));
    struct json *digests = js_new_object();
    for (int i = 0; i < DATA_FILES; i++)
        js_set(digests, folder_digest_names[i], js_new_string(r->data->sha256[i]));
    js_set(j, "sha256", digests);
    return j;
}

static const char *compiler(void)
{
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

static struct json *machine_of(struct run *r)
{
    struct json *j = js_new_object(), *blas = js_new_object();
    char host[256] = "", blas_version[64], processor[256];
    blas_name(blas_version, sizeof blas_version);
    gethostname(host, sizeof host - 1);
    system_processor(processor, sizeof processor);
    js_set(blas, "name", js_new_string(blas_version));
    js_set(blas, "kernel", js_new_string(blas_kernel()));
    js_set(blas, "threads", js_new_integer(r->spec->threads));
    js_set(j, "version", js_new_string(DESCENT_VERSION));
    js_set(j, "commit", js_new_string(DESCENT_COMMIT));
    js_set(j, "sources", js_new_string(DESCENT_SOURCES));
    js_set(j, "compiler", js_new_string(compiler()));
    js_set(j, "blas", blas);
    js_set(j, "vectors", js_new_string(processor_level()));
    js_set(j, "processor", js_new_string(processor));
    js_set(j, "host", js_new_string(host));
    return j;
}

static struct json *time_text(double seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    char text[32];
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return js_new_string(text);
}

static struct json *times_of(const struct run *r)
{
    struct json *j = js_new_object();
    js_set(j, "started", time_text(r->started_wall));
    js_set(j, "written", time_text(clock_wall()));
    js_set(j, "seconds", js_new_real(r->earlier_seconds + clock_monotonic() - r->started));
    js_set(j, "peak_memory_bytes", js_new_integer(system_peak_memory()));
    return j;
}

/* Digests of what the run is and what it left: with those of the data and with the build, its
 * certificate. weights: NULL of a run that diverged. */
static struct json *certificate_of(struct run *r, const char *weights)
{
    struct json *j = js_new_object();
    char digest[65], epochs[65], counted[65], steps[65];
    sha256_of(r->spec_text, strlen(r->spec_text), digest);
    run_tables_digests(r, epochs, counted, steps);
    js_set(j, FOLDER_SPEC, js_new_string(digest));
    js_set(j, FOLDER_EPOCHS, js_new_string(epochs));
    if (r->spec->log.steps > 0)
        js_set(j, FOLDER_STEPS, js_new_string(steps));
    if (weights)
        js_set(j, "weights", js_new_string(weights));
    return j;
}

/* NULL: of none. */
static struct json *event_of(const struct run *r)
{
    int64_t step;
    const char *event = r->train ? train_event(r->train, &step) : NULL;
    if (!event)
        return NULL;
    struct json *j = js_new_object();
    js_set(j, "what", js_new_string(event));
    js_set(j, "step", js_new_integer(step));
    return j;
}

static struct json *final_and_best(const struct run *r, enum status status)
{
    struct json *j = js_new_object();
    const struct epoch_row *best =
        r->train ? train_best(r->train) : NULL; /* none: it could not begin */
    if (best && best->epoch == r->last.epoch)
        best = &r->last; /* with its test */
    js_set(j, "final",
           status == STATUS_DIVERGED || !r->train ? js_new_null() : metrics_of(&r->last));
    js_set(j, "best", best ? metrics_of(best) : js_new_null());
    return j;
}

bool run_is_by_blas(const char *matmul)
{
    return matmul && strcmp(matmul, matmul_name(GEMM_NONE)) == 0;
}

bool run_manifest_write(struct run *r, enum status status, int exit_code, const char *message,
                        struct error *err)
{
    if (!run_owner_check(r, err))
        return false;
    struct json *j = js_new_object(), *event = event_of(r);
    char digest[65];
    bool final = status == STATUS_COMPLETED;
    js_set(j, "name", js_new_string(r->spec->name));
    js_set(j, "status", js_new_string(status_names[status]));
    js_set(j, "results", js_new_integer(TRAIN_RESULTS));
    js_set(j, "exit_code", final || exit_code != 0 ? js_new_integer(exit_code) : js_new_null());
    if (message)
        js_set(j, "message", js_new_string(message));
    js_set(j, "epoch", js_new_integer(r->train ? train_epoch_now(r->train) : 0));
    js_set(j, "step", js_new_integer(r->train ? train_step_now(r->train) : 0));
    if (event)
        js_set(j, "event", event);
    if (r->train) {
        js_set(j, "sparse_input", js_new_bool(train_is_sparse(r->train)));
        js_set(j, "matmul", js_new_string(train_matmul(r->train)));
    }
    if (r->lengths > 0) {
        js_set(j, "extended", run_extended_json(r->length, r->lengths));
        js_set(j, "lengths", run_lengths_json(r->length, r->lengths));
    }
    js_set(j, "metrics", final_and_best(r, status));
    if (final) {
        train_digest(r->train, digest);
        js_set(j, "weights_sha256", js_new_string(digest));
        js_set(j, "best_kept", js_new_bool(file_exists(run_path(r, FOLDER_BEST))));
    }
    if (status_is_settled(status))
        js_set(j, "certificate", certificate_of(r, final ? digest : NULL));
    if (r->owner[0])
        js_set(j, "owner", js_new_string(r->owner));
    if (r->init_sha256[0])
        js_set(j, "init_sha256", js_new_string(r->init_sha256));
    js_set(j, "dataset", dataset_of(r));
    js_set(j, "build", machine_of(r));
    js_set(j, "times", times_of(r));
    bool ok = folder_write_manifest(r->folder, j, err);
    js_free(j);
    if (ok && r->owner[0])
        run_owner_note(r);
    r->last_manifest = clock_monotonic();
    return ok;
}

/* Until the new spec.yaml is there, the old one is the run's too. */
bool run_manifest_rename(const char *folder, const char *name, const char *spec_text,
                         struct error *err)
{
    static const char *const files[] = {FOLDER_SPEC, FOLDER_EPOCHS, FOLDER_STEPS, "weights"};
    char digest[65], before[65];
    if (!folder_digest(folder, FOLDER_SPEC, before, err))
        return false;
    struct json *j = folder_manifest_unchecked(folder), *certificate = js_new_object();
    sha256_of(spec_text, strlen(spec_text), digest);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *then = js_string(js_get(js_get(j, "certificate"), files[i]));
        if (then)
            js_set(certificate, files[i], js_new_string(i == 0 ? digest : then));
    }
    js_set(j, "name", js_new_string(name));
    if (js_size(certificate) > 0) {
        js_set(j, "certificate", certificate);
        js_set(j, "renamed_from", js_new_string(before));
    } else
        js_free(certificate);
    bool ok = folder_write_manifest(folder, j, err);
    js_free(j);
    return ok;
}

const char *run_sources(void)
{
    return DESCENT_SOURCES;
}

void run_describe_build(struct strbuf *out)
{
    char blas_version[64];
    blas_name(blas_version, sizeof blas_version);
    strbuf_addf(
        out,
        "descent %s (commit %s)\nsources %s\ncompiler %s, vector loops for %s, matrix products by %s\nBLAS %s, kernel %s\n",
        DESCENT_VERSION, DESCENT_COMMIT, DESCENT_SOURCES, compiler(), processor_level(),
        matmul_name(gemm_best()), blas_version, blas_kernel());
}

void run_build_changes(const char *folder, struct strbuf *out)
{
    char blas_version[64];
    blas_name(blas_version, sizeof blas_version);
    const struct {
        const char *key, *key2, *name, *now;
    } facts[] = {{"version", NULL, "version", DESCENT_VERSION},
                 {"commit", NULL, "commit", DESCENT_COMMIT},
                 {"sources", NULL, "sources", DESCENT_SOURCES},
                 {"compiler", NULL, "compiler", compiler()},
                 {"blas", "name", "BLAS", blas_version},
                 {"blas", "kernel", "BLAS kernel", blas_kernel()}};
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const char *then = folder_manifest_text(&a, folder, "build", facts[i].key, facts[i].key2);
        if (then && strcmp(then, facts[i].now) != 0)
            strbuf_addf(out, "%s: %s there, %s here\n", facts[i].name, then, facts[i].now);
    }
    arena_fini(&a);
}
