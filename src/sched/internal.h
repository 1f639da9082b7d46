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
    int64_t total_epochs, total_steps; /* the run's length */
    int64_t epochs;     /* on which expressions count: the same, but where no length fits */
    struct error unfit; /* why it is not, or ERR_NONE */
    char (*name)[32];   /* of all observers' states */
    double **state;
    size_t states;
};

/* An update as the batch size makes it. */
struct sched_update {
    int64_t images; /* 0: the epoch is over */
    bool lone;      /* one of its minibatches has one image */
};

/* An epoch as its batch sizes make it. */
struct sched_epoch {
    int64_t updates;
    int64_t lone; /* the first of them with a minibatch of one image, or -1 */
};

/* ---- values.c ---- */
/* The base value that a target's schedules multiply. */
double sched_base_value(const struct sched *s, enum sched_target target);
/* One entry's own value at this time. */
double sched_entry_value(const struct sched *s, const struct entry *e, int64_t epoch, int64_t step);
/* All entries of a target together, at this time. */
double sched_value(const struct sched *s, enum sched_target target, int64_t epoch, int64_t step);
/* The batch size that a value of the schedules of the batch size stands for; ret_left: the share
 * that the largest batch could not take. */
int64_t sched_batch_for(const struct sched *s, double value, double *ret_left);
/* The batch size at this time; where a schedule moves it. */
int64_t sched_batch_size(const struct sched *s, int64_t epoch, int64_t step);
/* Whether the entry moves the momentum beside what it is applied to. */
bool sched_entry_moves_momentum(const struct entry *e);
/* The entry that makes the batch size depend on the training, or s->n. */
size_t sched_plateau_on_batch(const struct sched *s);
/* ---- length.c ---- */
/* Whether the length of the run is given in steps. */
bool sched_by_steps(const struct sched *s);
/* Whether the entry depends on that one of the run's two lengths which the spec does not give. */
bool sched_needs_open_length(const struct sched *s, const struct entry *e);
/* The update with this batch size that begins after so many images of the epoch. */
struct sched_update sched_play_update(const struct sched *s, int64_t batch, int64_t cursor);
/* The updates of an epoch after so many updates and so many images of it, batch by batch. */
struct sched_epoch sched_play_epoch(const struct sched *s, int64_t epoch, int64_t step,
                                    int64_t cursor);
/* Whether the run's end is reached. */
bool sched_is_over(const struct sched *s, const struct sched_position *at);
/* Sets both lengths of the run, and each entry's T: such that what the schedules count on is what
 * comes about; where there is no such length, on the nearest below it (s->unfit). Of a plateau on
 * the batch size, without its cuts. ERR_USAGE where the run is too long to be played through. */
MUST_CHECK bool sched_find_length(struct sched *s, struct error *err);

#endif
