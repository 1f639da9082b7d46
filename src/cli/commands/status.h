/* descent status */
#ifndef DESCENT_CLI_COMMANDS_STATUS_H
#define DESCENT_CLI_COMMANDS_STATUS_H

#include "util/mem.h"

/* Prints how far a sweep is; its exit code: ERR_DATA where a member cannot be read, 1 where the
 * sweep stands still with members that are unfinished or failed. */
int cli_status_of_sweep(struct arena *a, const char *folder);

#endif
