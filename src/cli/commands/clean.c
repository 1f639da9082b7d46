/* descent clean */
#include "cli/cli.h"
#include "folder/folder.h"
#include "folder/lock.h"
#include "sweep/sweep.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTION_DRY };
static const struct cli_option clean_options[] = {
    {'n', "dry-run", NULL, "say what would go, and leave it", CLI_FLAG}, {0}};
enum { DEPTH = 4 }; /* results/SWEEP/tuned/MEMBER */

/* A run's folder that was looked at, whatever name it was given by. */
struct visited {
    dev_t device;
    ino_t number;
};

struct finds {
    struct arena a;
    char **path;
    struct visited *visited;
    size_t n, capacity, runs, unfinished, invalid, visits, room;
    size_t found; /* folders that hold a run, each as often as it was named */
    double bytes; /* that would be freed */
};

static void add(struct finds *f, const char *path)
{
    struct stat st;
    f->path = mem_room(f->path, f->n, &f->capacity, sizeof *f->path);
    f->path[f->n++] = arena_strdup(&f->a, path);
    /* a second name of `last` or `best` frees nothing */
    if (lstat(path, &st) == 0 && st.st_nlink == 1)
        f->bytes += (double)st.st_size;
}

static bool visit(struct finds *f, const char *folder)
{
    struct stat st;
    f->found++;
    if (stat(folder, &st) != 0)
        return true; /* what is wrong with it is said by who reads it */
    for (size_t i = 0; i < f->visits; i++)
        if (f->visited[i].number == st.st_ino && f->visited[i].device == st.st_dev)
            return false;
    f->visited = mem_room(f->visited, f->visits, &f->room, sizeof *f->visited);
    f->visited[f->visits++] = (struct visited){st.st_dev, st.st_ino};
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_own_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Whether all that the run has recorded is as it left it. */
static bool read_run(const char *folder, struct run_summary *ret, struct error *err)
{
    struct json *j;
    if (!run_read_summary(folder, ret, err) || !run_read_manifest(folder, &j, err))
        return false;
    bool ok = run_check_certificate(folder, j, FOLDER_STEPS, err);
    js_free(j);
    return ok;
}

/* Says why the folder stays as it is. */
static void refuse(struct finds *f, const struct error *err)
{
    cli_fail(err);
    f->invalid++;
}

static void look_in_run(struct finds *f, const char *folder)
{
    struct run_summary r;
    struct error err;
    if (!visit(f, folder))
        return;
    if (!read_run(folder, &r, &err)) {
        refuse(f, &err);
        return;
    }
    bool completed = r.status == STATUS_COMPLETED || r.status == STATUS_PRUNED;
    if ((!completed && r.status != STATUS_DIVERGED) || lock_is_held(folder)) {
        f->unfinished++;
        return;
    }
    f->runs++;
    const char *checkpoints = folder_path(&f->a, folder, FOLDER_CHECKPOINTS);
    if (file_exists(checkpoints) && !is_own_folder(checkpoints))
        log_warn("%s is a link: what it leads to is left alone", checkpoints);
    struct file_names file = {0};
    if (is_own_folder(checkpoints))
        file_list(&f->a, checkpoints, &file);
    for (size_t i = 0; i < file.n; i++) {
        const char *name = file.name[i];
        int64_t step;
        if (folder_is_numbered(name, &step) || strcmp(name, path_base(FOLDER_PREVIOUS)) == 0)
            add(f, folder_path(&f->a, checkpoints, name));
    }
}

/* Whether the folder is no sweep's, or of one whose sweep.yaml can be read. */
static bool check_sweep(const char *folder, struct error *err)
{
    struct arena a;
    struct sweep s;
    arena_init(&a);
    bool ok = !sweep_is_folder(folder) || sweep_load_folder(&a, folder, &s, err);
    arena_fini(&a);
    return ok;
}

/* The run, or all runs below the folder. */
static void search_folder(struct finds *f, const char *folder, int depth)
{
    struct error err;
    if (folder_has(folder, FOLDER_MANIFEST)) {
        look_in_run(f, folder);
        return;
    }
    if (!check_sweep(folder, &err)) {
        refuse(f, &err);
        f->found++;
        return;
    }
    struct file_names file = {0};
    if (depth > 0)
        file_list(&f->a, folder, &file);
    for (size_t i = 0; i < file.n; i++) {
        const char *path = arena_printf(&f->a, "%s/%s", folder, file.name[i]);
        if (is_own_folder(path))
            search_folder(f, path, depth - 1);
    }
}

/* Whether the run has its end, and no other process has begun to lengthen it. */
static bool is_finished(const char *folder)
{
    struct run_summary r;
    struct error err;
    return read_run(folder, &r, &err) && !status_is_open(r.status);
}

/* Removes checkpoints of one run, from the i-th on, under its lock; returns the first of the next
 * run. */
static size_t clean_run(struct finds *f, size_t i, bool *ret_ok)
{
    static const struct lock_range whole = {0};
    struct lock l;
    struct error err;
    bool held = false;
    size_t n = (size_t)(strrchr(f->path[i], '/') - f->path[i]);
    const char *checkpoints = arena_strndup(&f->a, f->path[i], n),
               *folder = arena_strndup(&f->a, checkpoints, n - strlen("/" FOLDER_CHECKPOINTS));
    bool mine = lock_take(&l, folder, &(struct lock_wanted){&whole, 1, 0, false}, &held, &err);
    if (held)
        log_warn("%s is being written to by process %ld: left alone", folder, l.holder);
    *ret_ok = mine || held;
    bool finished = mine && is_finished(folder);
    for (; i < f->n && strncmp(f->path[i], checkpoints, n) == 0 && f->path[i][n] == '/'; i++)
        if (finished && *ret_ok && unlink(f->path[i]) != 0 && errno != ENOENT)
            *ret_ok =
                error_set(&err, ERR_SYSTEM, "cannot remove %s: %s", f->path[i], strerror(errno));
    if (mine)
        lock_release(&l);
    if (!*ret_ok)
        cli_fail(&err);
    return i;
}

static void say_sum(const struct finds *f, bool dry)
{
    struct strbuf b;
    bool small = f->bytes < 1e6;
    strbuf_init(&b);
    strbuf_addf(&b, "%zu checkpoint%s of %zu finished run%s %s", f->n, f->n == 1 ? "" : "s",
                f->runs, f->runs == 1 ? "" : "s",
                dry         ? "would go"
                : f->n == 1 ? "goes"
                            : "go");
    if (f->n > 0 && !(f->bytes > 0))
        strbuf_add(&b, ", a second name of what stays");
    else if (f->n > 0)
        strbuf_addf(&b, ", %.1f %s", f->bytes / (small ? 1e3 : 1e6), small ? "kB" : "MB");
    if (f->unfinished)
        strbuf_addf(&b, "; %zu unfinished left alone", f->unfinished);
    cli_say("%s\n", b.text);
    strbuf_fini(&b);
}

static int clean(struct finds *f, bool dry)
{
    bool ok = true;
    if (f->n > 0)
        qsort(f->path, f->n, sizeof *f->path, by_name);
    for (size_t i = 0; i < f->n; i++)
        cli_say("%s\n", f->path[i]);
    say_sum(f, dry);
    fflush(stdout);
    for (size_t i = 0; i < f->n && !dry && ok;)
        i = clean_run(f, i, &ok);
    return ok ? 0 : ERR_SYSTEM;
}

static int main_clean(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct finds f = {0};
    struct error err;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    arena_init(&f.a);
    const char *empty = NULL;
    for (size_t i = 0; i < args.words && !empty; i++) {
        size_t before = f.found;
        search_folder(&f, args.word[i], DEPTH - 1);
        empty = f.found == before ? args.word[i] : NULL;
    }
    if (empty) {
        if (file_check_folder(empty, &err))
            error_set(&err, ERR_DATA, "%s holds no run", empty);
        code = cli_fail(&err);
    } else {
        code = clean(&f, args.value[OPTION_DRY] != NULL);
        code = code == 0 && f.invalid > 0 ? ERR_DATA : code;
    }
    mem_free(f.path);
    mem_free(f.visited);
    arena_fini(&f.a);
    return code;
}

const struct cli_command cmd_clean = {
    .name = "clean",
    .asks = "which folder?",
    .of_folders = true,
    .usage = "clean FOLDER...",
    .no_out = "it writes nothing",
    .summary =
        "remove checkpoints of finished runs but last, best and before-end, from which a longer run resumes; says what first",
    .options = clean_options,
    .main = main_clean,
};
