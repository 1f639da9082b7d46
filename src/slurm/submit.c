/* Names to a job array: the list, the scripts, sbatch, and a note of the jobs' numbers. A number
 * that was not noted is found again by the nonce in the job's comment. */
#include "slurm/internal.h"
#include "util/file.h"
#include "util/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    USUAL_ARRAY = 1001, /* Slurm's default of MaxArraySize */
    LARGEST_ARRAY = 100000
};

/* The number that `scontrol show config` gives a name. */
static unsigned long limit_of(const char *text, const char *name, unsigned long otherwise)
{
    const char *line = strstr(text, name), *value = line ? strchr(line, '=') : NULL;
    unsigned long n = value ? strtoul(value + 1, NULL, 10) : otherwise;
    return n < 1 ? 1 : n > LARGEST_ARRAY ? LARGEST_ARRAY : n;
}

bool slurm_ask_limits(struct slurm_launch *l, struct error *err)
{
    static const char *const show[] = {"scontrol", "show", "config", NULL};
    struct strbuf text;
    bool started;
    strbuf_init(&text);
    bool ok = l->dry_run ? slurm_call(show, &started, &text, err) : slurm_insist(show, &text, err);
    unsigned long array = limit_of(text.text, "MaxArraySize", USUAL_ARRAY),
                  jobs = limit_of(text.text, "MaxJobCount", LARGEST_ARRAY);
    l->most_tasks = array < jobs || jobs < 2 ? array : jobs - 1; /* and the summary */
    strbuf_fini(&text);
    return ok || l->dry_run || error_prefix(err, "cannot ask Slurm about its limits: ");
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

struct call {
    const char *nonce;
    bool array;
    const char *const *word; /* NULL-ended */
};

/* "123", or "123;cluster" where there are several. ret NULL: it has told none. */
static bool ask(struct arena *a, const struct call *c, bool *ret_started, const char **ret,
                struct error *err)
{
    struct strbuf out;
    strbuf_init(&out);
    bool ok = slurm_call(c->word, ret_started, &out, err);
    size_t digits = strspn(out.text, "0123456789");
    if (ok && digits == 0)
        ok = error_set(err, ERR_SYSTEM, "'sbatch' gave no job number: '%.100s'", out.text);
    if (ok)
        *ret = arena_strndup(a, out.text, digits);
    strbuf_fini(&out);
    return ok;
}

/* Whether Slurm has taken it, whatever sbatch said. Held jobs of the same nonce beyond the first go
 * when the queue is settled. */
static bool find(struct arena *a, const struct call *c, const char **ret, struct error *err)
{
    return slurm_find_job(a, c->nonce, c->array, ret, err) ||
           error_prefix(err, "whether Slurm took the job is unknown; call again when "
                             "its queue can be read: ");
}

/* *ret_may_come: on failure, whether a job may still come of it. */
static bool sbatch(struct arena *a, const struct call *c, const char **ret, bool *ret_may_come,
                   struct error *err)
{
    for (size_t tries = 1;; tries++) {
        bool started;
        struct error why;
        *ret_may_come = false;
        if (ask(a, c, &started, ret, err) || !started)
            return started;
        *ret_may_come = true;
        why = *err;
        if (!find(a, c, ret, err))
            return false;
        bool again = !*ret && slurm_may_pass(&why) && slurm_wait(tries, "sbatch", &why);
        if (again && !find(a, c, ret, err)) /* it may have taken it late */
            return false;
        if (*ret) {
            log_warn("%s; but Slurm has taken the job: %s", why.message, *ret);
            return true;
        }
        *err = why;
        *ret_may_come = slurm_may_pass(&why);
        if (!again)
            return false;
    }
}

/* more: a word of its own before the script, or NULL. */
static const char *const *words_of(struct arena *a, const char *text, const char *more,
                                   const char *path)
{
    const char *const *own = slurm_script_words(text, a);
    size_t n = 0, k = 0;
    while (own[n])
        n++;
    const char **v = arena_alloc(a, (n + 5) * sizeof *v);
    v[k++] = "sbatch";
    v[k++] = "--parsable";
    for (size_t i = 0; i < n; i++)
        v[k++] = own[i];
    if (more)
        v[k++] = more;
    v[k] = path;
    return v;
}

/* ---- what follows the array ---- */

static const char *absolute(struct arena *a, const char *directory, const char *path)
{
    return path[0] == '/' ? path : arena_printf(a, "%s/%s", directory, path);
}

/* Whether no node of the cluster, idle or not, is as the job asks. */
static bool is_impossible(const struct error *why)
{
    return strstr(why->message, "can not be satisfied") ||
           strstr(why->message, "node configuration is not available");
}

/* An array that would wait for ever, as its summary asks for no more than a task of it: b->array is
 * "" when it is cancelled. */
static bool withdraw(struct arena *a, struct slurm_submission *b, const struct error *why,
                     struct error *err)
{
    if (!slurm_drop_jobs(b->array, a, err))
        return error_prefix(err, "%s; job %s is held and cannot be cancelled: ", why->message,
                            b->array);
    b->array = "";
    return error_set(err, ERR_SYSTEM,
                     "%s: no node has the memory (--memory), the processors (threads, -j) or the "
                     "features (sweep.slurm.constraint) asked for; nothing is submitted",
                     why->message);
}

/* The job that follows an array. */
struct summary {
    const char *script;
    bool plain;        /* the array asks for nothing in words of its own, such as a reservation */
    const char *error; /* returned: see struct slurm_launch */
};

/* Of an array that is noted and held: the summary, and then it is let go. */
static bool let_go(struct arena *a, const char *notes, struct summary *summary,
                   struct slurm_submission *b, struct error *err)
{
    const char *after = arena_printf(a, "--dependency=afterany:%s", b->array);
    const char *path = arena_printf(a, "%s/summary.sh", notes);
    struct call c = {.nonce = b->nonce, .word = words_of(a, summary->script, after, path)};
    struct error second;
    bool may_come;
    summary->error = NULL;
    if (!b->summary[0] && !sbatch(a, &c, &b->summary, &may_come, &second)) {
        b->summary = "";
        if (summary->plain && is_impossible(&second))
            return withdraw(a, b, &second, err);
        summary->error = arena_strdup(a, second.message);
    }
    if (!slurm_write_notes(notes, b, a, err) || !slurm_let_go(b->array, err))
        return error_prefix(
            err, "job %s is submitted and held, and is let go by the next call: ", b->array);
    b->released = true;
    return slurm_write_notes(notes, b, a, err) ||
           error_prefix(err, "job %s is submitted, but that cannot be noted: ", b->array);
}

static bool settle(const char *notes, struct arena *a, struct slurm_submission *b,
                   struct error *err)
{
    char *text;
    size_t n;
    if (b->strays[0]) {
        if (!slurm_drop_jobs(b->strays, a, err))
            return error_prefix(err, "job %s was never noted and cannot be cancelled: ", b->strays);
        log_info("job %s came of a call that was cut short: cancelled, it has trained nothing",
                 b->strays);
    }
    if (b->released || b->waiting == 0)
        return true;
    if (!file_read(arena_printf(a, "%s/summary.sh", notes), 1 << 20, &text, &n, err))
        return false;
    if (b->summaries[0])
        b->summary = b->summaries;
    bool ok = let_go(a, notes, &(struct summary){.script = text}, b, err);
    mem_free(text);
    if (ok)
        log_info("job %s was held by a call that was cut short: let go", b->array);
    return ok;
}

bool slurm_settle(const char *folder, struct arena *a, struct slurm_queue *q, struct error *err)
{
    const char *directory = working_directory(a, err);
    for (size_t i = 0; directory && i < q->n; i++) {
        const char *notes =
            arena_printf(a, "%s/.slurm/%zu", absolute(a, directory, folder), q->v[i].number);
        if (!settle(notes, a, &q->v[i], err))
            return false;
    }
    return directory != NULL;
}

/* ---- submitting ---- */

static bool write_file(struct arena *a, const char *notes, const char *name, const char *text,
                       struct error *err)
{
    return file_write(arena_printf(a, "%s/%s", notes, name), text, strlen(text), err);
}

/* All that lies in the notes before sbatch is called. */
static bool write_notes(const struct slurm_launch *l, const struct slurm_work *w,
                        const struct slurm_submission *b, struct arena *a, struct error *err)
{
    struct strbuf names;
    strbuf_init(&names);
    for (size_t i = 0; i < w->names; i++)
        strbuf_addf(&names, "%s\n", w->name[i]);
    bool ok = file_make_folder(l->notes, err) &&
              write_file(a, l->notes, "members", names.text, err) &&
              write_file(a, l->notes, "array.sh", l->array_script, err) &&
              write_file(a, l->notes, "summary.sh", l->summary_script, err) &&
              slurm_write_notes(l->notes, b, a, err);
    strbuf_fini(&names);
    return ok;
}

static bool submit(struct slurm_launch *l, const struct slurm_work *w, const char *directory,
                   struct slurm_submission *b, struct arena *a, struct error *err)
{
    const char *base = absolute(a, directory, l->notes);
    struct call c = {
        .nonce = b->nonce,
        .array = true,
        .word = words_of(a, l->array_script, "--hold", arena_printf(a, "%s/array.sh", base))};
    bool may_come = false;
    if (!write_notes(l, w, b, a, err) || !sbatch(a, &c, &b->array, &may_come, err)) {
        if (!may_come)
            slurm_forget(w->folder, l->notes);
        if (strstr(err->message, "limit") || strstr(err->message, "Limit"))
            return error_prefix(
                err,
                "%zu jobs may be too many; 'sweep.slurm.tasks=N' makes fewer of them: ", l->tasks);
        return false;
    }
    l->array = b->array;
    if (!slurm_write_notes(l->notes, b, a, err))
        return error_prefix(err,
                            "job %s is submitted and held, but that cannot be noted: ", l->array);
    struct summary summary = {.script = l->summary_script,
                              .plain = !l->settings.options || !l->settings.options[0]};
    bool ok = let_go(a, base, &summary, b, err);
    l->summary_error = summary.error;
    if (!ok && !b->array[0])
        slurm_forget(w->folder, l->notes);
    if (!ok)
        return false;
    l->summary = b->summary[0] ? b->summary : NULL;
    return true;
}

bool slurm_submit(struct slurm_launch *l, const struct slurm_work *w, struct arena *a,
                  struct error *err)
{
    struct strbuf array, summary;
    const char *directory = working_directory(a, err);
    char nonce[FILE_RANDOM_DIGITS + 1];
    int64_t most = l->settings.tasks;
    if (!directory)
        return false;
    file_random_digits(nonce);
    l->members = w->names;
    l->tasks = w->names < l->most_tasks ? w->names : l->most_tasks;
    if (most != PARAM_NULL_INT && l->tasks > (size_t)most)
        l->tasks = (size_t)most;
    l->notes = arena_printf(a, "%s/.slurm/%zu", w->folder, slurm_next_number(w->folder));
    struct slurm_job j = {.settings = &l->settings,
                          .name = w->title,
                          .program = l->program,
                          .directory = directory,
                          .folder = w->folder,
                          .notes = l->notes,
                          .nonce = nonce,
                          .tasks = l->tasks,
                          .at_once = l->at_once,
                          .threads = w->threads,
                          .jobs = l->jobs,
                          .retry_failed = w->retry_failed,
                          .no_plots = w->no_plots};
    struct slurm_submission b = {
        .array = "", .summary = "", .nonce = nonce, .tasks = l->tasks, .strays = ""};
    strbuf_init(&array);
    strbuf_init(&summary);
    slurm_array_script(&j, &array);
    slurm_summary_script(&j, &summary);
    l->array_script = arena_strdup(a, array.text);
    l->summary_script = arena_strdup(a, summary.text);
    strbuf_fini(&array);
    strbuf_fini(&summary);
    return l->dry_run || submit(l, w, directory, &b, a, err);
}
