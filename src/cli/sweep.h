/* descent sweep, and what resume has in common with it. */
#ifndef DESCENT_CLI_SWEEP_H
#define DESCENT_CLI_SWEEP_H

#include "cli/cli.h"
#include "sweep/sweep.h"

/* Trains what is missing of a sweep; prints a line for each member and how it ended. o: all but signal and report. */
int cli_train_sweep(const struct sweep *s, struct sweep_options *o, struct diags *d);
/* Number of processors. */
size_t cli_cores(void);

#endif
