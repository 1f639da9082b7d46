/* descent sweep --launcher: where members are trained. */
#include "cli/commands/launch.h"
#include "cli/commands/train_sweep.h"
#include "util/log.h"
#include "util/system.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LAUNCHER, DRY_RUN, ACCOUNT, PARTITION, TIME, MEMORY };
static const char *const names[CLI_LAUNCH_OPTIONS] = {"launcher",  "dry-run", "account",
                                                      "partition", "time",    "memory"};

const char *const cli_launcher_names[] = {"local", "slurm", NULL};

/* ---- options ---- */

bool cli_read_launch(const struct cli_command *c, const char *const *value, enum cli_launcher *ret)
{
    const char *launcher = value[LAUNCHER];
    *ret = !launcher                        ? LAUNCH_DEFAULT
           : strcmp(launcher, "slurm") == 0 ? LAUNCH_SLURM
                                            : LAUNCH_LOCAL;
    for (size_t i = DRY_RUN; i < CLI_LAUNCH_OPTIONS; i++)
        if (value[i] && *ret != LAUNCH_SLURM) {
            cli_usage(c, "'--%s' goes with '--launcher slurm'", names[i]);
            return false;
        }
    return true;
}

static bool read_settings(const struct sweep *s, const char *const *value,
                          struct slurm_settings *ret, struct diags *d)
{
    bool ok = true;
    *ret = s->slurm;
    for (size_t i = ACCOUNT; i < CLI_LAUNCH_OPTIONS; i++)
        if (value[i])
            ok &= slurm_set(ret, names[i], value[i],
                            arena_printf(s->arena, "--%s=%s", names[i], value[i]), s->arena, d);
    return ok;
}

/* ---- submitting ---- */

static const char *own_path(struct arena *a)
{
    char path[4096];
    return system_program(path, sizeof path) ? arena_strdup(a, path) : "descent";
}

static const char *members_text(struct arena *a, size_t n)
{
    return arena_printf(a, "%zu member%s", n, n == 1 ? "" : "s");
}

static void print_queued(const struct slurm_launch *l, struct arena *a)
{
    if (l->queued > 0)
        cli_say("%s in the queue already, of job %s: not submitted again\n",
                arena_printf(a, "%s %s", members_text(a, l->queued), l->queued == 1 ? "is" : "are"),
                l->queued_in);
}

static void print_scripts(const struct slurm_launch *l)
{
    cli_say_whole("# ---- array.sh, for sbatch --parsable\n");
    cli_say_whole(l->array_script);
    cli_say_whole(
        "\n# ---- summary.sh, for sbatch --parsable --dependency=afterany:JOB-OF-array.sh\n");
    cli_say_whole(l->summary_script);
    log_info("nothing was submitted");
}

static void print_submitted(const struct slurm_launch *l, const char *folder, struct arena *a)
{
    printf("%s in %zu task%s", members_text(a, l->members), l->tasks, l->tasks == 1 ? "" : "s");
    if (l->at_once > 0)
        printf(", at most %zu at once", l->at_once);
    if (l->jobs > 1)
        printf(", %zu members at once in each", l->jobs);
    cli_say("\njob %s\n", l->array);
    if (l->summary)
        cli_say("job %s for the summary, when they have ended\n", l->summary);
    cli_say("scripts and logs %s\nfolder %s\n", l->notes, folder);
    if (l->summary_error)
        log_warn(
            "there is no job for the summary: %s; when all have ended, 'descent sweep %s --summary' makes it",
            l->summary_error, text_word(folder));
    log_info("'descent sweep %s' shows how far it is", text_word(folder));
}

int cli_submit_sweep(const struct sweep *s, struct sweep_options *o, const char *const *value,
                     bool throttle, struct diags *d)
{
    struct sweep_result result;
    struct error err = {0};
    struct slurm_launch l = {
        .program = own_path(s->arena), .jobs = 1, .dry_run = value[DRY_RUN] != NULL};
    if (!read_settings(s, value, &l.settings, d))
        return cli_fail_diags(d, "the command line");
    if (throttle && l.settings.tasks != PARAM_NULL_INT)
        l.jobs = o->jobs;
    else if (throttle)
        l.at_once = o->jobs;
    o->slurm = &l;
    bool ok = sweep_execute(s, o, &result, d, &err);
    o->slurm = NULL;
    if (!ok)
        return d->n > 0 ? cli_fail_diags(d, "the members") : cli_fail(&err);
    print_queued(&l, s->arena);
    if (l.members > 0 && l.dry_run) {
        print_scripts(&l);
    } else if (l.members > 0) {
        print_submitted(&l, o->folder, s->arena);
    } else if (l.queued == 0 && !l.dry_run) { /* what the last summary would do */
        log_info("nothing was left to submit");
        o->summary = true;
        return cli_train_sweep(s, o, d);
    } else {
        log_info("nothing was left to submit");
    }
    return 0;
}

/* ---- cancelling ---- */

int cli_cancel_sweep(const char *folder, struct arena *a)
{
    struct slurm_queue queue;
    struct error err;
    const char *jobs;
    if (!slurm_has_submissions(folder)) {
        error_set(&err, ERR_USAGE, "nothing of %s was submitted to Slurm, or it has all ended",
                  folder);
        return cli_fail(&err);
    }
    if (!slurm_read_queue(folder, true, a, &queue, &err) || !slurm_cancel(&queue, a, &jobs, &err))
        return cli_fail(&err);
    if (jobs[0]) {
        cli_say("cancelled job %s\n", jobs);
        log_info("members that were being trained write a checkpoint; 'descent sweep %s "
                 "--launcher slurm' submits what is missing",
                 text_word(folder));
    } else {
        log_info("no job of it is in the queue");
    }
    return 0;
}
