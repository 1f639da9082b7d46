/* Damaged runs among many: the others are served. */
#ifndef DESCENT_CLI_DAMAGE_H
#define DESCENT_CLI_DAMAGE_H

#include "study/collect.h"

/* Names on stderr the runs that were left out, each with its reason, and damaged sweep.yaml files
 * around the others. Returns what the command's exit code is then: 0 where there are none, else
 * ERR_DATA. */
int cli_tell_damage(const struct collection *c);

#endif
