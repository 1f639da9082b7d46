/* TensorBoard's event files: epochs.csv as scalars. */
#ifndef DESCENT_INSPECT_EVENTS_H
#define DESCENT_INSPECT_EVENTS_H

#include "util/error.h"
#include <stddef.h>

/* A setting by which TensorBoard's page HPARAMS tells runs apart. */
struct events_setting {
    const char *key;
    const char *text; /* NULL: it is the number */
    double number;
};

/* Writes every figure of the folder's epochs.csv as a scalar tagged by its column, at the step of
 * its row; and the epoch, tagged `epoch`. Settings, where there are any, come first. Wall times are
 * from timing.csv and run.json. ERR_DATA, ERR_SYSTEM. */
MUST_CHECK bool events_write(const char *path, const char *folder,
                             const struct events_setting *setting, size_t n, struct error *err);

#endif
