/* What was submitted for a folder, and what of it is still in the queue. FOLDER/.slurm/N holds
 * submission N. */
#include "slurm/internal.h"
#include "util/file.h"
#include "util/json.h"
#include "util/log.h"
#include <dirent.h>
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

bool slurm_write_notes(const char *notes, const struct slurm_submission *b, struct arena *a,
                       struct error *err)
{
    struct json *j = js_new_object();
    struct strbuf text;
    strbuf_init(&text);
    js_set(j, "nonce", js_new_string(b->nonce));
    if (b->array[0])
        js_set(j, "array", js_new_string(b->array));
    js_set(j, "tasks", js_new_integer((int64_t)b->tasks));
    if (b->summary[0])
        js_set(j, "summary", js_new_string(b->summary));
    js_set(j, "state", js_new_string(b->released ? "released" : "held"));
    js_write(j, &text, 2);
    strbuf_add(&text, "\n");
    bool ok = file_write(arena_printf(a, "%s/jobs.json", notes), text.text, text.length, err);
    js_free(j);
    strbuf_fini(&text);
    return ok;
}

/* One without its numbers was cut short before sbatch had answered. */
static bool read_notes(struct arena *a, const char *notes, struct slurm_submission *b,
                       struct error *err)
{
    const char *path = arena_printf(a, "%s/jobs.json", notes);
    char *text;
    size_t n;
    b->array = b->summary = b->nonce = b->reasons = b->strays = b->summaries = "";
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
    b->array = text_of(a, j, "array");
    b->summary = text_of(a, j, "summary");
    b->nonce = text_of(a, j, "nonce");
    b->tasks = tasks > 0 ? (size_t)tasks : 0;
    b->released = strcmp(text_of(a, j, "state"), "held") != 0;
    js_free(j);
    return true;
}

static bool read_names(struct arena *a, const char *path, struct slurm_submission *b,
                       struct error *err)
{
    char *text;
    size_t bytes, n = 0;
    if (!file_exists(path))
        return true;
    if (!file_read(path, 1 << 28, &text, &bytes, err))
        return false;
    for (const char *p = text; *p; p++)
        n += *p == '\n';
    const char **name = arena_alloc(a, (n + 1) * sizeof *name);
    for (const char *p = text, *end; (end = strchr(p, '\n')); p = end + 1)
        name[b->names++] = arena_strndup(a, p, (size_t)(end - p));
    b->name = name;
    b->life = arena_alloc(a, (n + 1) * sizeof *b->life);
    mem_free(text);
    return true;
}

/* ---- the folders ---- */

static int by_number(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The numbers in FOLDER/.slurm, ascending, in the arena. */
static size_t *list_numbers(struct arena *a, const char *folder, size_t *ret_n)
{
    struct file_names file;
    size_t n = 0;
    file_list(a, arena_printf(a, "%s/.slurm", folder), &file);
    size_t *v = arena_alloc(a, (file.n + 1) * sizeof *v);
    for (size_t i = 0; i < file.n; i++) {
        char *end;
        v[n] = strtoul(file.name[i], &end, 10);
        n += file.name[i][0] >= '1' && file.name[i][0] <= '9' && *end == '\0';
    }
    qsort(v, n, sizeof *v, by_number);
    *ret_n = n;
    return v;
}

size_t slurm_next_number(const char *folder)
{
    struct arena a;
    size_t n;
    arena_init(&a);
    size_t *v = list_numbers(&a, folder, &n), next = n > 0 ? v[n - 1] + 1 : 1;
    arena_fini(&a);
    return next;
}

static bool read_submissions(struct arena *a, const char *folder, struct slurm_queue *q,
                             struct error *err)
{
    size_t n, *number = list_numbers(a, folder, &n);
    bool ok = true;
    q->v = arena_alloc(a, (n + 1) * sizeof *q->v);
    for (q->n = 0; ok && q->n < n; q->n++) {
        struct slurm_submission *b = &q->v[q->n];
        const char *notes = arena_printf(a, "%s/.slurm/%zu", folder, number[q->n]);
        b->number = number[q->n];
        ok = read_notes(a, notes, b, err) &&
             read_names(a, arena_printf(a, "%s/members", notes), b, err);
    }
    return ok;
}

/* ---- the queue ---- */

/* A line of squeue: the array's number (or the job's), the task's, its state, why it waits, the
 * job's comment. */
struct queued {
    char job[32], task[32], state[32], reason[64], comment[96];
};

static bool ask(bool patient, struct strbuf *lines, struct error *err)
{
    static const char *const squeue[] = {
        "squeue", "--noheader", "--array", "--me", "--format=%F|%K|%T|%r|%k", NULL};
    bool started;
    return patient ? slurm_insist(squeue, lines, err) : slurm_call(squeue, &started, lines, err);
}

static void copy_cell(const char **p, char *ret, size_t room)
{
    size_t n = strcspn(*p, "|\n"), most = n < room ? n : room - 1;
    memcpy(ret, *p, most);
    ret[most] = '\0';
    *p += n + ((*p)[n] == '|');
}

/* Steps over the line. */
static struct queued read_line(const char **p)
{
    struct queued x = {0};
    copy_cell(p, x.job, sizeof x.job);
    copy_cell(p, x.task, sizeof x.task);
    copy_cell(p, x.state, sizeof x.state);
    copy_cell(p, x.reason, sizeof x.reason);
    copy_cell(p, x.comment, sizeof x.comment);
    *p += strcspn(*p, "\n");
    *p += **p == '\n';
    return x;
}

static bool is_waiting(const struct queued *x)
{
    return strcmp(x->state, "PENDING") == 0 || strncmp(x->state, "REQUEUE", 7) == 0 ||
           strcmp(x->state, "SPECIAL_EXIT") == 0;
}

/* The names of a task, or where the queue does not name one, of all tasks. */
static void mark(struct slurm_submission *b, const char *task, enum slurm_life life)
{
    char *end;
    size_t k = strtoul(task, &end, 10);
    bool all = *end != '\0' || end == task || k >= b->tasks;
    for (size_t i = 0; i < b->names; i++)
        if ((all || i % b->tasks == k) && life > b->life[i])
            b->life[i] = life;
}

/* Whether a list with commas has the word. */
static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; *p; p += strcspn(p, ","), p += strspn(p, ", "))
        if (strncmp(p, word, n) == 0 && (p[n] == ',' || p[n] == '\0'))
            return true;
    return false;
}

static const char *with_word(struct arena *a, const char *list, const char *word)
{
    return has_word(list, word) || !word[0]
               ? list
               : arena_printf(a, "%s%s%s", list, list[0] ? ", " : "", word);
}

/* "descent NONCE array" */
static const char *comment_of(struct arena *a, const char *nonce, bool array)
{
    return arena_printf(a, "descent-%s-%s", nonce, array ? "array" : "summary");
}

static bool is_of(const struct slurm_submission *b, const char *comment, bool array,
                  struct arena *a)
{
    return b->nonce[0] && strcmp(comment, comment_of(a, b->nonce, array)) == 0;
}

/* A summary that comes once more has another number than the one that is noted. */
static void count(struct slurm_queue *q, struct slurm_submission *b, const struct queued *x,
                  struct arena *a)
{
    bool waits = is_waiting(x), noted = b->array[0] && strcmp(x->job, b->array) == 0;
    bool summary =
        (b->summary[0] && strcmp(x->job, b->summary) == 0) || is_of(b, x->comment, false, a);
    if (noted && b->tasks > 0) {
        b->waiting += waits;
        b->running += !waits;
        q->tasks++;
        if (waits && strcmp(x->reason, "None") != 0)
            b->reasons = with_word(a, b->reasons, x->reason);
        mark(b, x->task, waits ? SLURM_WAITS : SLURM_RUNS);
    } else if (summary && b->array[0]) {
        b->summaries = with_word(a, b->summaries, x->job);
    } else if (!noted && (summary || is_of(b, x->comment, true, a))) {
        b->strays = with_word(a, b->strays, x->job);
    }
}

bool slurm_read_queue(const char *folder, bool patient, struct arena *a, struct slurm_queue *ret,
                      struct error *err)
{
    *ret = (struct slurm_queue){0};
    if (!read_submissions(a, folder, ret, err))
        return false;
    if (ret->n == 0)
        return true;
    struct strbuf lines;
    strbuf_init(&lines);
    bool ok = ask(patient, &lines, err);
    for (const char *p = lines.text; ok && *p;) {
        const struct queued x = read_line(&p);
        for (size_t i = 0; i < ret->n; i++)
            count(ret, &ret->v[i], &x, a);
    }
    strbuf_fini(&lines);
    return ok;
}

bool slurm_find_job(struct arena *a, const char *nonce, bool array, const char **ret,
                    struct error *err)
{
    struct strbuf lines;
    const char *comment = comment_of(a, nonce, array);
    *ret = NULL;
    strbuf_init(&lines);
    bool ok = ask(true, &lines, err);
    for (const char *p = lines.text; ok && *p;) {
        const struct queued x = read_line(&p);
        if (!*ret && strcmp(x.comment, comment) == 0)
            *ret = arena_strdup(a, x.job);
    }
    strbuf_fini(&lines);
    return ok;
}

/* ---- changing it ---- */

bool slurm_drop_jobs(const char *numbers, struct arena *a, struct error *err)
{
    const char *argv[66] = {"scancel"};
    struct strbuf said;
    bool ok = true;
    strbuf_init(&said);
    for (const char *p = numbers; ok && *p;) {
        size_t n = 1;
        for (; *p && n < 65; p += strcspn(p, ","), p += strspn(p, ", "))
            argv[n++] = arena_strndup(a, p, strcspn(p, ","));
        argv[n] = NULL;
        ok = slurm_insist(argv, &said, err);
    }
    strbuf_fini(&said);
    return ok;
}

bool slurm_let_go(const char *array, struct error *err)
{
    const char *const argv[] = {"scontrol", "release", array, NULL};
    struct strbuf said;
    strbuf_init(&said);
    bool ok = slurm_insist(argv, &said, err);
    strbuf_fini(&said);
    return ok;
}

bool slurm_cancel(const struct slurm_queue *q, struct arena *a, const char **ret, struct error *err)
{
    const char *numbers = "";
    for (size_t i = 0; i < q->n; i++) {
        const struct slurm_submission *b = &q->v[i];
        if (b->running + b->waiting > 0)
            numbers = with_word(a, numbers, b->array);
        const char *const others[] = {b->summaries, b->strays};
        for (size_t k = 0; k < 2; k++)
            if (others[k][0])
                numbers = arena_printf(a, "%s%s%s", numbers, numbers[0] ? ", " : "", others[k]);
    }
    *ret = numbers;
    return !numbers[0] || slurm_drop_jobs(numbers, a, err);
}
