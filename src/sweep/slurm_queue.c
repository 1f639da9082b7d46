/* What was submitted for a sweep, and what of it is still in the queue. FOLDER/.slurm/N holds
 * submission N. */
#include "sweep/internal.h"
#include "util/command.h"
#include "util/file.h"
#include "util/json.h"
#include "util/log.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool slurm_has_submissions(const char *folder)
{
    struct arena a;
    arena_init(&a);
    bool has = file_is_folder(arena_printf(&a, "%s/.slurm", folder));
    arena_fini(&a);
    return has;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
    (void)st, (void)type, (void)f;
    remove(path);
    return 0;
}

void slurm_forget(const char *folder, const char *notes)
{
    struct arena a;
    arena_init(&a);
    const char *all = arena_printf(&a, "%s/.slurm", folder);
    struct error err;
    if (file_check_links(all, &err))
        nftw(notes ? notes : all, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    else
        log_warn("%s", err.message);
    if (notes)
        rmdir(all); /* where it was the only one */
    arena_fini(&a);
}

/* ---- the notes of a submission ---- */

static const char *text_of(struct arena *a, const struct json *j, const char *key)
{
    const char *text = js_string(js_get(j, key));
    return arena_strdup(a, text ? text : "");
}

/* One without its numbers was cut short before sbatch had answered. */
static bool read_submission(struct arena *a, const char *notes, struct slurm_submission *ret,
                            struct error *err)
{
    const char *path = arena_printf(a, "%s/jobs.json", notes);
    char *text;
    size_t n;
    *ret = (struct slurm_submission){.array = "", .summary = ""};
    if (!file_exists(path))
        return true;
    if (!file_read(path, 1 << 20, &text, &n, err))
        return false;
    struct json *j = js_parse(text, n, err);
    mem_free(text);
    if (!j)
        return error_prefix(err, "%s: ", path);
    int64_t tasks = 0;
    js_integer(js_get(j, "tasks"), &tasks);
    ret->array = text_of(a, j, "array");
    ret->summary = text_of(a, j, "summary");
    ret->tasks = tasks > 0 ? (size_t)tasks : 0;
    js_free(j);
    return true;
}

static bool read_submissions(struct arena *a, const char *folder, struct slurm_queue *q,
                             struct error *err)
{
    size_t n = 0;
    while (file_is_folder(arena_printf(a, "%s/.slurm/%zu", folder, n + 1)))
        n++;
    q->v = arena_alloc(a, (n + 1) * sizeof *q->v);
    for (q->n = 0; q->n < n; q->n++)
        if (!read_submission(a, arena_printf(a, "%s/.slurm/%zu", folder, q->n + 1), &q->v[q->n],
                             err))
            return false;
    return true;
}

/* ---- the queue ---- */

/* A line of squeue: the array's number (or the job's), the task's, its state. */
struct queued {
    char job[32], task[32], state[32];
};

/* Marks the members of a task, or where the queue does not name one, of all tasks. */
static void mark(struct slurm_queue *q, const struct slurm_submission *b, const char *task,
                 const size_t *member, size_t n)
{
    char *end;
    size_t k = strtoul(task, &end, 10);
    bool all = *end != '\0' || end == task || k >= b->tasks;
    for (size_t i = 0; i < n; i++)
        if (all || i % b->tasks == k) {
            q->members += !q->live[member[i]];
            q->live[member[i]] = true;
        }
}

static void count(struct slurm_queue *q, struct slurm_submission *b, const struct queued *x,
                  const size_t *member, size_t n)
{
    if (strcmp(x->job, b->summary) == 0 && b->summary[0]) {
        b->summary_waits = true;
    } else if (strcmp(x->job, b->array) == 0 && b->tasks > 0) {
        bool waits = strcmp(x->state, "PENDING") == 0 || strncmp(x->state, "REQUEUE", 7) == 0;
        b->waiting += waits;
        b->running += !waits;
        q->tasks++;
        mark(q, b, x->task, member, n);
    }
}

static bool read_list(const struct sweep *s, struct arena *a, const char *path, size_t **ret,
                      size_t *ret_n, struct error *err)
{
    char *text;
    size_t bytes;
    *ret_n = 0;
    if (!file_read(path, 1 << 28, &text, &bytes, err))
        return false;
    bool ok = sweep_find_members(s, a, text, false, ret, ret_n, err);
    mem_free(text);
    return ok;
}

static bool match(const struct sweep *s, const char *folder, struct arena *a, const char *lines,
                  struct slurm_queue *q, struct error *err)
{
    for (size_t i = 0; i < q->n; i++) {
        size_t *member, n;
        if (q->v[i].array[0] == '\0')
            continue;
        if (!read_list(s, a, arena_printf(a, "%s/.slurm/%zu/members", folder, i + 1), &member,
                       &n, err))
            return false;
        for (const char *p = lines; *p; p += strcspn(p, "\n"), p += *p == '\n') {
            struct queued x;
            if (sscanf(p, "%31[^|\n]|%31[^|\n]|%31[^|\n]", x.job, x.task, x.state) == 3)
                count(q, &q->v[i], &x, member, n);
        }
    }
    return true;
}

bool slurm_read_queue(const struct sweep *s, const char *folder, struct arena *a,
                      struct slurm_queue *ret, struct error *err)
{
    static const char *const squeue[] = {"squeue", "--noheader",        "--array",
                                         "--me",   "--format=%F|%K|%T", NULL};
    *ret = (struct slurm_queue){.live = arena_alloc(a, s->members + 1)};
    if (!read_submissions(a, folder, ret, err))
        return false;
    bool any = false;
    for (size_t i = 0; i < ret->n; i++)
        any |= ret->v[i].array[0] != '\0';
    if (!any)
        return true;
    struct strbuf lines;
    strbuf_init(&lines);
    bool ok = command_run(squeue, &lines, err) && match(s, folder, a, lines.text, ret, err);
    strbuf_fini(&lines);
    return ok;
}
