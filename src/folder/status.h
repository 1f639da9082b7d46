/* What became of a run. */
#ifndef DESCENT_FOLDER_STATUS_H
#define DESCENT_FOLDER_STATUS_H

#include <stdbool.h>
#include <stddef.h>

enum status {
    STATUS_NONE, /* there is no run.json */
    STATUS_COMPLETED,
    STATUS_DIVERGED,
    STATUS_FAILED,
    STATUS_PRUNED,
    STATUS_OPEN, /* has no end yet: one of the following, where nobody asks which */
    STATUS_INTERRUPTED,
    STATUS_RUNNING,
    STATUS_LOST, /* it was running, and nobody has it any more: run.json does not know */
    STATUSES
};
/* As run.json, members.csv and messages say it: "completed"; "pending" for STATUS_NONE. */
extern const char *const status_names[STATUSES];
/* The order in which those of many runs are counted; STATUS_OPEN is not among them. */
enum { STATUSES_COUNTED = STATUSES - 1 };
extern const enum status status_counted[STATUSES_COUNTED];

/* The status of this name that run.json may hold; STATUS_NONE for any other text, and for NULL. */
enum status status_find(const char *name);
/* Whether run.json may hold this exit code (-1: null) with it. */
bool status_has_code(enum status s, long long exit_code);
/* Whether it has no end yet. */
bool status_is_open(enum status s);
/* Whether its files stay as they are, with a certificate: completed, diverged or pruned. */
bool status_is_settled(enum status s);
/* Whether it ended without the figures that it was for: diverged or failed. */
bool status_is_lost(enum status s);

#endif
