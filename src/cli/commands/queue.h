/* What of a sweep is in Slurm's queue, in words. */
#ifndef DESCENT_CLI_COMMANDS_QUEUE_H
#define DESCENT_CLI_COMMANDS_QUEUE_H

#include "sweep/sweep.h"

/* Appends lines about a sweep's jobs in the queue, if any were submitted; whether some may be left.
 * life: of each member, in the arena; NULL where the queue does not tell. */
bool cli_describe_queue(const struct sweep *s, const char *folder, struct arena *a,
                        struct strbuf *out, const enum slurm_life **ret_life);

#endif
