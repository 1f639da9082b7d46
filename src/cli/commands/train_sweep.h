/* What sweep, resume and tune have in common: training a sweep's members here. */
#ifndef DESCENT_CLI_COMMANDS_TRAIN_SWEEP_H
#define DESCENT_CLI_COMMANDS_TRAIN_SWEEP_H

#include "sweep/sweep.h"

/* Trains what is missing of a sweep; prints a line for each member and how it ended. o: all but
 * signal and report. The exit code. */
int cli_train_sweep(const struct sweep *s, const struct sweep_options *options, struct diags *d);
/* Draws the curves of its groups into its folder, where all that it was to train is done; says why
 * not where that fails, which is no failure of the sweep. */
void cli_draw_sweep(const struct sweep *s, const struct sweep_options *o,
                    const struct sweep_result *r);
/* Number of processors. */
size_t cli_cores(void);

#endif
