/* descent sweep, and what resume has in common with it. */
#ifndef DESCENT_CLI_COMMANDS_SWEEP_H
#define DESCENT_CLI_COMMANDS_SWEEP_H

#include "cli/cli.h"
#include "sweep/sweep.h"

/* Trains what is missing of a sweep; prints a line for each member and how it ended. o: all but
 * signal and report. */
int cli_train_sweep(const struct sweep *s, struct sweep_options *o, struct diags *d);
/* ---- launch.c: where members are trained ---- */

/* Rows of the options' table, one after the other, and how many. */
#define CLI_LAUNCH_ROWS                                                                        \
    {0, "launcher", "local|slurm", "here (the default), or as a job array",                    \
     CLI_CHOICE(cli_launcher_names, NULL)},                                                    \
        {0, "dry-run", NULL, "slurm: print the scripts only", CLI_FLAG},                       \
        {0, "account", "NAME", "slurm: who is charged", CLI_TEXT},                             \
        {0, "partition", "NAME", "slurm: which nodes", CLI_TEXT},                              \
        {0, "time", "TIME", "slurm: limit of a task, such as 1h30m", CLI_TEXT},                \
    {                                                                                          \
        0, "memory", "SIZE", "slurm: of a task, such as 2G", CLI_TEXT                          \
    }
extern const char *const cli_launcher_names[];
enum { CLI_LAUNCH_OPTIONS = 6 };
enum cli_launcher { LAUNCH_DEFAULT, LAUNCH_LOCAL, LAUNCH_SLURM };

/* value: the arguments of those rows. False: said what is wrong. */
bool cli_read_launch(const struct cli_command *c, const char *const *value,
                     enum cli_launcher *ret);
/* Submits what is missing of a sweep and prints the jobs' numbers; or with --dry-run the scripts.
 * throttle: o->jobs was given. */
int cli_submit_sweep(const struct sweep *s, struct sweep_options *o, const char *const *value,
                     bool throttle, struct diags *d);
/* Lines about a sweep's jobs in the queue, if any were submitted; whether some may be left. */
bool cli_print_queue(const struct sweep *s, const char *folder, struct arena *a);

/* ---- status.c ---- */
/* Prints how far a sweep is; its exit code: 1 where it stands still with members that are
 * unfinished or failed. */
int cli_status_of_sweep(struct arena *a, const char *folder);

/* Trains it, then the best settings of each group again with fresh seeds; prints what came of
 * both. */
int cli_tune_sweep(const struct sweep *s, struct sweep_options *o,
                   const struct sweep_tuning *tuning, struct diags *d, struct arena *a);

/* Number of processors. */
size_t cli_cores(void);

#endif
