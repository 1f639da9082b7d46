/* Finished runs for other programs. */
#ifndef DESCENT_EXPORT_EXPORT_H
#define DESCENT_EXPORT_EXPORT_H

#include "study/collect.h"

/* A database of SQLite with three tables.
 *   runs    a row a run: id, folder (its real path), status, epoch, step, seconds, best_epoch, the
 *           digests weights, data and spec, the metrics of the last and (best.METRIC) of the best
 *           row, a column a setting that is not the same in all rows, and `settings`: all, as JSON
 *   epochs  run, and epochs.csv's columns
 *   steps   run, and steps.csv's columns
 * A file that is there is added to: a run that it knows by its folder is replaced, and a setting that
 * varies now becomes a column for all rows. One transaction: all of it or nothing. ERR_SYSTEM,
 * ERR_DATA; ERR_SYSTEM where the build had no libsqlite3. */
MUST_CHECK bool export_database(struct arena *a, const struct collection *c, const char *path,
                                struct error *err);

/* FOLDER/MEMBER/events.out.tfevents.descent for every run, with the settings that vary. */
MUST_CHECK bool export_tensorboard(struct arena *a, const struct collection *c, const char *folder,
                                   struct error *err);

#endif
