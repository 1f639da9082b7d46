/* descent status */
#include "cli/commands/status.h"
#include "cli/cli.h"
#include "cli/commands/queue.h"
#include "folder/folder.h"
#include "util/file.h"
#include "util/log.h"
#include "util/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Length of a run in epochs, or 0 where steps count. */
static int64_t epochs_of(const struct spec *s)
{
    return s->train.epochs == PARAM_NULL_INT ? 0 : s->train.epochs;
}

static void progress_text(const struct run_summary *r, const struct spec *s, char ret[48])
{
    if (epochs_of(s) > 0)
        snprintf(ret, 48, "%lld/%lld", (long long)r->epoch, (long long)epochs_of(s));
    else
        snprintf(ret, 48, "step %lld/%lld", (long long)r->step, (long long)s->train.steps);
}

/* ---- a run ---- */

static bool check_spec(const char *folder, struct error *err)
{
    struct json *j = folder_manifest_unchecked(folder);
    bool ok = run_check_spec(folder, j, err);
    js_free(j);
    return ok;
}

static int status_of_run(struct arena *a, const char *folder)
{
    struct run_summary r;
    struct spec s;
    struct error err;
    char progress[48];
    if (!run_read_spec(a, folder, &s, &err) || !run_read_progress(folder, &r, &err))
        return cli_fail(&err);
    progress_text(&r, &s, progress);
    cli_say("status   %s\n", r.status == STATUS_NONE ? "begun" : status_names[r.status]);
    printf("%-8s %s, %lld update%s\n", epochs_of(&s) > 0 ? "epoch" : "", progress,
           (long long)r.step, r.step == 1 ? "" : "s");
    const char *extensions = run_extensions(a, folder);
    if (extensions)
        cli_say("length   %s\n", extensions);
    if (!isnan(r.seconds))
        cli_say("time     %.1f s\n", r.seconds);
    if (r.status == STATUS_RUNNING && r.host[0])
        cli_say("last     %s on %s\n", r.written, r.host);
    if (r.message[0])
        cli_say("message  %s\n", r.message);
    if (r.has_final)
        cli_print_metrics(&r.final);
    return 0;
}

/* ---- a sweep ---- */

static bool is_here(const struct run_summary *r)
{
    char host[sizeof r->host] = "";
    gethostname(host, sizeof host - 1);
    return strcmp(r->host, host) == 0;
}

/* Where it is, or was. */
static bool shows_life(const struct sweep_state *x)
{
    return x->run.host[0] && (x->run.status == STATUS_RUNNING || x->run.status == STATUS_LOST);
}

/* Says that it runs, on a machine whose locks are not seen from here, but no task has it. */
static void find_lost(const struct sweep *s, const enum slurm_life *life,
                      struct sweep_state *states)
{
    for (size_t i = 0; i < s->members; i++) {
        struct run_summary *r = &states[i].run;
        if (life[i] != SLURM_RUNS && r->status == STATUS_RUNNING && !is_here(r))
            r->status = STATUS_LOST;
    }
}

/* One whose run.json cannot be read: it is named, and the others are shown. */
static bool is_damaged(const struct sweep_state *x)
{
    return x->run.status == STATUSES;
}

static size_t count_damaged(const struct sweep *s, const struct sweep_state *states)
{
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++)
        n += is_damaged(&states[i]);
    return n;
}

static void print_counts(const struct sweep *s, const struct sweep_state *states)
{
    size_t count[STATUSES + 1] = {0}; /* the last: damaged */
    for (size_t i = 0; i < s->members; i++)
        count[states[i].run.status]++;
    printf("%zu member%s", s->members, s->members == 1 ? "" : "s");
    const char *mark = ":";
    for (size_t k = 0; k < STATUSES_COUNTED; k++) {
        enum status status = status_counted[k];
        if (count[status] == 0)
            continue;
        printf("%s %zu %s", mark, count[status], status_names[status]);
        mark = ",";
    }
    if (count[STATUSES] > 0)
        printf("%s %zu damaged", mark, count[STATUSES]);
    printf("\n");
}

/* A member's name stands behind so many columns. */
enum { BEFORE_MEMBER = 32 };

static void print_member(const struct sweep *s, const char *folder, size_t member,
                         const struct sweep_state *x)
{
    struct arena a;
    const char *name = s->member[member].folder;
    struct spec spec;
    if (is_damaged(x)) {
        cli_say("%-11s  %9s  %8s  %s\n", "damaged", "", "", name);
        return;
    }
    char progress[48], valid[16] = "";
    arena_init(&a);
    sweep_member_spec(s, member, &a, &spec);
    progress_text(&x->run, &spec, progress);
    double v = x->run.final.value[METRIC_VALID_ACCURACY];
    if (x->run.has_final && !isnan(v))
        snprintf(valid, sizeof valid, "%.2f %%", 100 * v);
    /* whole, however long, below where the terminal is narrow: what tells two members apart may
     * stand at the end */
    const char *extensions = run_extensions(&a, arena_printf(&a, "%s/%s", folder, name));
    cli_say("%-11s  %9s  %8s", status_names[x->run.status], progress, valid);
    cli_say_member(name, BEFORE_MEMBER);
    cli_say("%s%s%s", extensions ? " (" : "", extensions ? extensions : "", extensions ? ")" : "");
    if (shows_life(x))
        cli_say("  (on %s, last sign of life %s)", x->run.host, x->run.written);
    printf("\n");
    arena_fini(&a);
}

static bool read_state(const struct sweep *s, const char *folder, size_t member,
                       struct sweep_state *ret, struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char *run = arena_printf(&a, "%s/%s", folder, s->member[member].folder);
    bool ok = sweep_read_state(s, folder, member, ret, err) && check_spec(run, err) &&
              sweep_check_member(s, folder, member, err);
    if (ok && !ret->done && !ret->outgrown)
        ok = run_read_progress(run, &ret->run, err);
    arena_fini(&a);
    return ok;
}

static void read_states(const struct sweep *s, const char *folder, struct sweep_state *states)
{
    struct error err;
    for (size_t i = 0; i < s->members; i++)
        if (!read_state(s, folder, i, &states[i], &err)) {
            log_warn("%s", err.message);
            states[i] = (struct sweep_state){.run.status = STATUSES};
        }
}

static int print_sweep(struct arena *a, const struct sweep *s, const char *folder,
                       struct sweep_state *states)
{
    const enum slurm_life *life;
    struct strbuf queue;
    bool well = true, submitted = slurm_has_submissions(folder);
    strbuf_init(&queue);
    bool is_queued = cli_describe_queue(s, folder, a, &queue, &life);
    if (life)
        find_lost(s, life, states);
    print_counts(s, states);
    cli_say("%s\n", queue.text);
    strbuf_fini(&queue);
    printf("%-11s  %9s  %8s  %s\n", "status", "epoch", "valid", "member");
    for (size_t i = 0; i < s->members; i++)
        print_member(s, folder, i, &states[i]);
    for (size_t i = 0; i < s->members; i++)
        well &= is_damaged(&states[i]) || (states[i].done && states[i].run.status != STATUS_FAILED);
    const char *reruns = folder_path(a, folder, FOLDER_TUNED);
    if (sweep_is_folder(reruns))
        cli_say("\nreruns of the best: descent status %s\n", text_word(reruns));
    sweep_warn_of_builds(s, states, NULL);
    if (submitted && !is_queued && !well)
        log_info(
            "'descent sweep %s' with '--launcher slurm' submits what is missing, with '--launcher local' trains it here",
            text_word(folder));
    if (cli_check_reruns(a, folder, 0) != 0 || count_damaged(s, states) > 0)
        return ERR_DATA;
    return submitted && !is_queued && !well ? ERR_DIFFERS : 0;
}

int cli_status_of_sweep(struct arena *a, const char *folder)
{
    struct sweep s;
    int code;
    if (!cli_load_sweep(a, folder, &s, &code))
        return code;
    struct sweep_state *states = mem_array(s.members, sizeof *states);
    read_states(&s, folder, states);
    code = print_sweep(a, &s, folder, states);
    mem_free(states);
    return code;
}

static int main_status(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct error err;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    if (args.words > 1)
        return cli_usage(c, "one folder, please");
    arena_init(&a);
    const char *folder = args.word[0];
    if (sweep_is_folder(folder)) {
        code = cli_status_of_sweep(&a, folder);
        code = code == ERR_DIFFERS ? 0 : code; /* who asks for the state alone has got it */
    } else if (folder_holds_run(folder)) {
        code = status_of_run(&a, folder);
    } else {
        if (file_check_folder(folder, &err))
            error_set(&err, ERR_DATA, "%s holds neither a run nor a sweep", folder);
        code = cli_fail(&err);
    }
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_status = {
    .name = "status",
    .asks = "which folder?",
    .of_folders = true,
    .of_one = true,
    .usage = "status FOLDER",
    .no_out = CLI_PRINTS,
    .summary = "how far a run or a sweep is",
    .main = main_status,
};
