/* descent sweep --launcher: where members are trained. */
#ifndef DESCENT_CLI_COMMANDS_LAUNCH_H
#define DESCENT_CLI_COMMANDS_LAUNCH_H

#include "cli/cli.h"
#include "sweep/sweep.h"

/* Rows of the options' table, one after the other, and how many. */
#define CLI_LAUNCH_ROWS                                                                            \
    {0, "launcher", "local|slurm", "here (the default), or as a job array",                        \
     CLI_CHOICE(cli_launcher_names, NULL)},                                                        \
        {0, "dry-run", NULL, "slurm: print the scripts only", CLI_FLAG},                           \
        {0, "account", "NAME", "slurm: who is charged", CLI_TEXT},                                 \
        {0, "partition", "NAME", "slurm: which nodes", CLI_TEXT},                                  \
        {0, "time", "TIME", "slurm: limit of a task, such as 1h30m", CLI_TEXT},                    \
    {                                                                                              \
        0, "memory", "SIZE", "slurm: of a task, such as 2G", CLI_TEXT                              \
    }
extern const char *const cli_launcher_names[];
enum { CLI_LAUNCH_OPTIONS = 6 };
enum cli_launcher { LAUNCH_DEFAULT, LAUNCH_LOCAL, LAUNCH_SLURM };

/* value: the arguments of those rows. False: said what is wrong. */
bool cli_read_launch(const struct cli_command *c, const char *const *value, enum cli_launcher *ret);
/* Submits what is missing of a sweep and prints the jobs' numbers; or with --dry-run the scripts.
 * throttle: o->jobs was given. */
int cli_submit_sweep(const struct sweep *s, struct sweep_options *o, const char *const *value,
                     bool throttle, struct diags *d);
/* Takes a sweep's jobs out of Slurm's queue and says which. */
int cli_cancel_sweep(const char *folder, struct arena *a);

#endif
