/* descent sweep --tune */
#ifndef DESCENT_CLI_COMMANDS_TUNE_H
#define DESCENT_CLI_COMMANDS_TUNE_H

#include "sweep/sweep.h"

/* Trains it, then the best settings of each group again with fresh seeds; prints what came of
 * both. */
int cli_tune_sweep(const struct sweep *s, struct sweep_options *o,
                   const struct sweep_tuning *tuning, struct diags *d, struct arena *a);

#endif
