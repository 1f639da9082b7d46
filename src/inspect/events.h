/* TensorBoard's event files: epochs.csv as scalars. */
#ifndef DESCENT_INSPECT_EVENTS_H
#define DESCENT_INSPECT_EVENTS_H

#include "util/error.h"

/* Writes every figure of the folder's epochs.csv as a scalar tagged by its column, at the step of
 * its row; and the epoch, tagged `epoch`. Wall times are from timing.csv and run.json. ERR_DATA,
 * ERR_SYSTEM. */
MUST_CHECK bool events_write(const char *path, const char *folder, struct error *err);

#endif
