/* Schedules: pure functions of time, one file each. Only reduce_on_plateau observes. */
#ifndef DESCENT_SCHED_SCHED_H
#define DESCENT_SCHED_SCHED_H

#include "config/param.h"
#include <stdint.h>

#define SCHED_MAX_STATE 8

enum sched_interval { SCHED_EPOCH, SCHED_STEP };
enum sched_target { SCHED_LR, SCHED_BATCH_SIZE, SCHED_MOMENTUM, SCHED_WEIGHT_DECAY, SCHED_TARGETS };

/* The keys that every schedule has; the first member of every options struct. */
struct sched_common {
    int interval;           /* enum sched_interval */
    int apply_to;           /* enum sched_target */
    int64_t max_batch_size; /* PARAM_NULL_INT: the training set */
};

/* When: t elapsed intervals of the entry's own unit (0 during the first), T of them in the whole
 * run (or piece); for expressions also both clocks. */
struct sched_time {
    double t, T;
    double epoch, step, epochs;
};

enum sched_needs { SCHED_NEEDS_T = 1, SCHED_NEEDS_EPOCHS = 2 }; /* now->T, now->epochs */

struct sched_kind {
    struct kind base;
    /* The value at this time, b being the base value. state: NULL unless the kind observes. */
    double (*value)(const void *options, const struct sched_time *now, double b,
                    const double *state);
    /* For policies that move momentum too (cyclic, one_cycle): whether these options do; and to
     * where at this time, NAN while it keeps its base value. Both or neither are NULL. */
    bool (*moves_momentum)(const void *options);
    double (*momentum)(const void *options, const struct sched_time *now);
    /* The key (a PARAM_REAL) of the largest value, where a policy replaces the base value by values
     * of its own; else NULL. */
    const char *peak;
    /* Which lengths matter under these options, SCHED_NEEDS_...; NULL: none. */
    unsigned (*needs_length)(const void *options);
    /* What is wrong with these options in a run (or piece) of T intervals, or NULL; NULL: nothing
     * ever is. */
    const char *(*check_length)(const void *options, double T);
    /* Observers: state names (NULL-ended), initial values, and what to do with a new
     * observation. */
    const char *state_names[SCHED_MAX_STATE + 1];
    void (*start)(const void *options, double b, double *state);
    void (*observe)(const void *options, double metric, double b, double *state);
    const char *(*monitor)(const void *options); /* name of the logged quantity */
};

extern const struct registry sched_registry;
extern const struct param sched_common_params[];
extern const char
    *const sched_intervals[]; /* for a kind whose own `interval` row has another default */

/* ---- all entries of a spec together ---- */

/* Where in a run: epochs and updates done, and images of the epoch begun. */
struct sched_position {
    int64_t epoch, step, cursor;
};

/* The base values and the run's length, known before training. */
struct sched_base {
    double lr, momentum, decay; /* momentum, decay: NAN where the optimizer has none */
    int64_t batch_size;
    int64_t train_size;    /* images */
    bool guessed;          /* that size is no more than a guess: what depends on it is left open */
    int64_t epochs, steps; /* the run's length: epochs, or steps (PARAM_NULL_INT: unset) */
    bool drop_last;
    int64_t accumulate;
    struct sched_position from; /* where the run got this length: what was before had another */
    bool lone_fails;            /* a minibatch of one image cannot be trained on (batch norm) */
    const char *no_momentum;    /* why the optimizer's momentum may not be 0, or NULL */
};

struct sched_now {
    double lr, momentum, decay;
    int64_t batch_size;
};

struct sched; /* the played-through state of all entries */

/* ERR_USAGE where entries contradict the optimizer (cycle_momentum or a momentum target without
 * momentum), each other (two that move momentum), or the run's length (one_cycle with a first phase
 * of nothing; a length that a plateau on the batch size leaves open), or of a max_batch_size that
 * is none. The key to blame: "scheduler.1". */
MUST_CHECK struct sched *sched_new(const struct chosen_list *entries, const struct sched_base *base,
                                   struct error *err);
/* Of a run that got its present length on the way, at `from`: what came before stays, and what is
 * ahead is played from there. */
MUST_CHECK bool sched_lengthen(struct sched *s, const struct sched_position *from,
                               struct error *err);
/* Takes NULL. */
void sched_free(struct sched *s);
/* Plays the run through. ERR_USAGE where a value, of one entry or of all of a target, is negative
 * or not finite (a momentum: not below 1, nor 0 where the optimizer refuses that); where entries
 * are factors of a base value that is 0 and so give 0 in place of what one of them gives; where an
 * epoch makes no update; where schedules of the batch size make the learning rate 0 at every
 * update; and, with lone_fails, where a minibatch would have one image. Of a plateau on the batch
 * size all sizes that it may come to are looked at. Where the size of the training set is guessed,
 * what counts steps or depends on that size is left out, and so is a run whose length is given in
 * steps; of the rest only what would be wrong at any step is refused. */
MUST_CHECK bool sched_check(const struct sched *s, struct error *err);
/* The same from where a run stands. */
MUST_CHECK bool sched_check_ahead(const struct sched *s, const struct sched_position *from,
                                  struct error *err);
/* The same of the one update that is to be made here: a plateau on the batch size leads to where nothing was played. */
MUST_CHECK bool sched_check_next(const struct sched *s, const struct sched_position *at,
                                 struct error *err);
/* Whether schedules of the lr make it 0 at every update, though the optimizer's is not (the
 * lecture's `epoch // 30` in a short run), and when that would end: words for a warning. */
bool sched_stands_still(const struct sched *s, struct error *why);
/* An entry that replaces the optimizer's lr by values of its own (one_cycle, cyclic). */
struct sched_peak {
    const char *key; /* the entry's key of its largest lr; NULL: no entry does */
    size_t entry;    /* its number, from 0 */
    double lr;
};
/* The first such entry. */
struct sched_peak sched_peak(const struct chosen_list *entries);
/* Values for the update that follows `step` finished updates in total, during 0-based epoch
 * `epoch`. Pure but for observers' state. */
struct sched_now sched_settings(const struct sched *s, int64_t epoch, int64_t step);
/* After each epoch: the logged quantity each observer asks for is looked up by name (NAN where not
 * known). */
void sched_observe(struct sched *s, double (*metric)(void *context, const char *name),
                   void *context);
/* Whether there is such an observer. */
bool sched_observes(const struct sched *s);
/* Updates of the 0-based epoch that begins after `step` updates. */
int64_t sched_epoch_updates(const struct sched *s, int64_t epoch, int64_t step);
/* Whether some entry moves it. */
bool sched_moves(const struct sched *s, enum sched_target target);
/* Whether some entry moves the batch size. */
bool sched_moves_batch(const struct sched *s);
/* What schedules of the batch size may make of it at most: the least of their max_batch_size, or
 * all images of the training set; never less than the size that they begin with. */
int64_t sched_largest_batch(const struct sched *s);
/* Whether the schedules of the batch size count on a length that is not the one that comes about, as
 * none agrees with itself: words for a warning. */
bool sched_lacks_length(const struct sched *s, struct error *why);
/* Updates in the whole run; of a plateau on the batch size, where it makes no cut. */
int64_t sched_total_steps(const struct sched *s);
/* Epochs, likewise. */
int64_t sched_total_epochs(const struct sched *s);
/* State of the observers, for checkpoints. */
size_t sched_state_count(const struct sched *s);
double *sched_state(struct sched *s, size_t i, const char **ret_name); /* "0.best", "0.bad", ... */

#endif
