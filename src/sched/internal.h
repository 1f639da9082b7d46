/* All schedules of a run, shared by the files of this module. */
#ifndef DESCENT_SCHED_INTERNAL_H
#define DESCENT_SCHED_INTERNAL_H

#include "sched/sched.h"

struct entry {
    const struct sched_kind *kind;
    const void *options;
    const struct sched_common *common;
    double state[SCHED_MAX_STATE];
    size_t states;
    double T;
};

struct sched {
    struct sched_base base;
    struct entry *entry;
    size_t n;
    double epochs; /* of the whole run, for expressions */
    int64_t total_steps;
    char (*name)[32]; /* of all observers' states */
    double **state;
    size_t states;
};

/* An epoch as its batch sizes make it. */
struct sched_epoch {
    int64_t updates;
    int64_t lone; /* the first of them with a minibatch of one image, or -1 */
};

/* The base value that a target's schedules multiply. */
double sched_base_value(const struct sched *s, enum sched_target target);
/* One entry's own value at this time. */
double sched_entry_value(const struct sched *s, const struct entry *e, int64_t epoch, int64_t step);
/* All entries of a target together, at this time. */
double sched_value(const struct sched *s, enum sched_target target, int64_t epoch, int64_t step);
/* The batch size that a value of the schedules of the batch size stands for; ret_left: the share
 * that the largest batch could not take. */
int64_t sched_batch_for(const struct sched *s, double value, double *ret_left);
/* Whether the length of the run is given in steps. */
bool sched_by_steps(const struct sched *s);
/* The updates of an epoch that begins after so many, batch by batch. */
struct sched_epoch sched_play_epoch(const struct sched *s, int64_t epoch, int64_t step);

#endif
