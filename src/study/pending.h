/* Members of sweeps that nobody has begun. */
#ifndef DESCENT_STUDY_PENDING_H
#define DESCENT_STUDY_PENDING_H

#include "study/collect.h"

/* Members that the table of a sweep's folder names and that are not in it. ERR_SYSTEM, ERR_DATA: the
 * table cannot be read. */
MUST_CHECK bool pending_count(const char *folder, size_t *ret, struct error *err);
/* Of folders that share a sweep (its spec is the same, byte for byte) one has what another lacks:
 * leaves with the first of them what is in none, and nothing with the others. */
void pending_share(struct collected_sweep *sweep, size_t n);

#endif
