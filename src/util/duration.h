/* Lengths of time as people write them: 90, 90s, 1h30m, 2d. */
#ifndef DESCENT_UTIL_DURATION_H
#define DESCENT_UTIL_DURATION_H

#include <stdbool.h>

/* Reads a whole text, positive; a lone number is in seconds. *ret_unit, where not NULL: it has a
 * unit. */
bool duration_read(const char *text, double *ret_seconds, bool *ret_unit);

#endif
