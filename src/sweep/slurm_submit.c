/* Members to a job array: the list, the scripts, sbatch, and a note of the jobs' numbers. */
#include "sweep/internal.h"
#include "util/command.h"
#include "util/file.h"
#include "util/json.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    USUAL_ARRAY = 1001, /* Slurm's default of MaxArraySize */
    LARGEST_ARRAY = 100000
};

bool slurm_ask_limits(struct slurm_launch *l, struct error *err)
{
    static const char *const ask[] = {"scontrol", "show", "config", NULL};
    struct strbuf text;
    strbuf_init(&text);
    bool ok = command_run(ask, &text, err) || l->dry_run;
    const char *line = strstr(text.text, "MaxArraySize"),
               *value = line ? strchr(line, '=') : NULL;
    unsigned long n = value ? strtoul(value + 1, NULL, 10) : USUAL_ARRAY;
    l->most_tasks = n < 1 ? 1 : n > LARGEST_ARRAY ? LARGEST_ARRAY : n;
    strbuf_fini(&text);
    return ok || error_prefix(err, "cannot ask Slurm about its limits: ");
}

/* The threads of the member that has most. */
static size_t most_threads(const struct sweep *s, const size_t *member, size_t n)
{
    int64_t most = 1;
    for (size_t i = 0; i < n; i++) {
        struct arena a;
        struct spec spec;
        arena_init(&a);
        sweep_member_spec(s, member[i], &a, &spec);
        most = spec.threads > most ? spec.threads : most;
        arena_fini(&a);
    }
    return (size_t)most;
}

static const char *working_directory(struct arena *a, struct error *err)
{
    for (size_t size = 4096;; size *= 2) {
        char *path = arena_alloc(a, size);
        if (getcwd(path, size))
            return path;
        if (errno != ERANGE)
            break;
    }
    error_set(err, ERR_SYSTEM, "cannot tell the working directory: %s", strerror(errno));
    return NULL;
}

/* ---- sbatch ---- */

/* "123", or "123;cluster" where there are several. */
static bool sbatch(struct arena *a, const char *dependency, const char *script,
                   const char **ret, struct error *err)
{
    const char *argv[5] = {"sbatch", "--parsable"};
    size_t n = 2;
    if (dependency)
        argv[n++] = dependency;
    argv[n] = script;
    struct strbuf out;
    strbuf_init(&out);
    bool ok = command_run(argv, &out, err);
    size_t digits = strspn(out.text, "0123456789");
    if (ok && digits == 0)
        ok = error_set(err, ERR_SYSTEM, "'sbatch' has told no number of a job: '%.100s'",
                       out.text);
    if (ok)
        *ret = arena_strndup(a, out.text, digits);
    strbuf_fini(&out);
    return ok;
}

static bool write_file(struct arena *a, const char *notes, const char *name, const char *text,
                       struct error *err)
{
    return file_write(arena_printf(a, "%s/%s", notes, name), text, strlen(text), err);
}

static bool write_numbers(struct arena *a, const struct slurm_launch *l, struct error *err)
{
    struct json *j = js_new_object();
    struct strbuf text;
    strbuf_init(&text);
    js_set(j, "array", js_new_string(l->array));
    js_set(j, "tasks", js_new_integer((int64_t)l->tasks));
    if (l->summary)
        js_set(j, "summary", js_new_string(l->summary));
    js_write(j, &text, 2);
    strbuf_add(&text, "\n");
    bool ok = write_file(a, l->notes, "jobs.json", text.text, err);
    js_free(j);
    strbuf_fini(&text);
    return ok;
}

static void add_names(const struct sweep *s, const size_t *member, size_t n, struct strbuf *out)
{
    for (size_t i = 0; i < n; i++)
        strbuf_addf(out, "%s\n", s->member[member[i]].folder);
}

/* The numbers are noted as soon as they are known: what is in the queue must not be submitted
 * again. */
static bool submit(const struct sweep *s, const char *folder, struct slurm_launch *l,
                   const char *directory, const size_t *member, size_t n, struct error *err)
{
    struct arena *a = s->arena;
    struct strbuf names;
    struct error second;
    strbuf_init(&names);
    add_names(s, member, n, &names);
    bool ok = file_make_folder(l->notes, err) &&
              write_file(a, l->notes, "members", names.text, err) &&
              write_file(a, l->notes, "array.sh", l->array_script, err) &&
              write_file(a, l->notes, "summary.sh", l->summary_script, err);
    strbuf_fini(&names);
    const char *base =
        l->notes[0] == '/' ? l->notes : arena_printf(a, "%s/%s", directory, l->notes);
    if (!ok || !sbatch(a, NULL, arena_printf(a, "%s/array.sh", base), &l->array, err)) {
        slurm_forget(folder, l->notes);
        return false;
    }
    if (!write_numbers(a, l, err))
        return error_prefix(err, "job %s is submitted, but that cannot be noted: ", l->array);
    const char *after = arena_printf(a, "--dependency=afterany:%s", l->array);
    if (sbatch(a, after, arena_printf(a, "%s/summary.sh", base), &l->summary, &second))
        return write_numbers(a, l, err);
    l->summary_error = arena_strdup(a, second.message);
    return true;
}

/* ---- the whole ---- */

/* The number of the next submission: those that came to nothing are passed over. */
static size_t next_number(struct arena *a, const char *folder)
{
    size_t n = 1;
    while (file_is_folder(arena_printf(a, "%s/.slurm/%zu", folder, n)))
        n++;
    return n;
}

bool slurm_submit(const struct sweep *s, const struct sweep_options *o, const size_t *member,
                  size_t n, struct error *err)
{
    struct slurm_launch *l = o->slurm;
    struct arena *a = s->arena;
    struct strbuf array, summary;
    const char *directory = working_directory(a, err);
    l->members = n;
    if (!directory)
        return false;
    l->tasks = n < l->most_tasks ? n : l->most_tasks;
    l->notes = arena_printf(a, "%s/.slurm/%zu", o->folder, next_number(a, o->folder));
    struct slurm_job j = {.settings = &l->settings,
                          .name = s->name,
                          .program = l->program,
                          .directory = directory,
                          .folder = o->folder,
                          .notes = l->notes,
                          .tasks = l->tasks,
                          .at_once = l->at_once,
                          .threads = most_threads(s, member, n),
                          .retry_failed = o->retry_failed,
                          .no_plots = o->no_plots};
    strbuf_init(&array);
    strbuf_init(&summary);
    slurm_array_script(&j, &array);
    slurm_summary_script(&j, &summary);
    l->array_script = arena_strdup(a, array.text);
    l->summary_script = arena_strdup(a, summary.text);
    strbuf_fini(&array);
    strbuf_fini(&summary);
    return l->dry_run || submit(s, o->folder, l, directory, member, n, err);
}
