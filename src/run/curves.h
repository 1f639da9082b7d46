/* What a run folder tells over time, as curves: the one place that knows how a run is drawn. */
#ifndef DESCENT_RUN_CURVES_H
#define DESCENT_RUN_CURVES_H

#include "figure/figure.h"
#include "run/run.h"

enum run_axis { RUN_EPOCHS, RUN_UPDATES, RUN_SECONDS };
extern const char *const run_axis_labels[]; /* "epoch", "updates", ... */

/* A folder read back. Everything in the arena that it was read into. */
struct run_history {
    const char *folder;
    struct epoch_row *row;
    size_t n;
    const double *time; /* of training up to each row; NULL: not asked for */
    int64_t diverged;   /* updates done when the run diverged; -1: it did not */
};
/* Without `time`. ERR_DATA where epochs.csv is no such table. */
MUST_CHECK bool run_history_read(struct arena *a, const char *folder, struct run_history *ret,
                                 struct error *err);

/* A column against the axis. */
struct run_series {
    size_t n;
    double *x, *y;
};
/* One column, in the arena; n = 0 where it is empty. */
struct run_series run_series(struct arena *a, const struct run_history *h, enum run_axis axis,
                             enum metric m);
/* Without its first row, which is of the untrained model: an accuracy by chance would flatten what
 * follows. */
struct run_series run_series_trained(struct run_series s);
/* Whether any y is a number. */
bool run_series_has_values(const struct run_series *s);

/* The style of each enum split is its number: one colour of each in all figures. */
enum { RUN_MINIBATCHES = SPLITS };
/* The curves of the parts that were evaluated, at most SPLITS; returns how many. */
size_t run_split_curves(struct arena *a, const struct run_history *h, enum run_axis axis,
                        bool accuracy, struct curve *ret);

/* The loss of each minibatch, pale: `of` has steps.csv against the axis, n = 0 where there is none;
 * *ret then stays as it is. A run that diverged did so after its last row. False with an error
 * where it cannot be read. */
MUST_CHECK bool run_minibatches(struct arena *a, struct run_history *h, enum run_axis axis,
                                struct run_steps *ret_of, struct curve *ret, struct error *err);

/* What happened (run_events), and where it diverged, on the axis; returns how many. */
size_t run_event_marks(struct arena *a, const struct run_history *h, enum run_axis axis,
                       int64_t best, const struct mark **ret);
/* From 0 to the last thing that is known of the run, over a whole axis of epochs or updates; steps
 * may be NULL. In the arena; NULL where nothing was trained. */
const double *run_axis_range(struct arena *a, const struct run_history *h, enum run_axis axis,
                             const struct run_steps *steps);
/* Epochs; updates where the first epoch was never finished. */
enum run_axis run_axis_known(const struct run_history *h);
/* Whether a schedule is drawn on a logarithmic axis: most of it lies below a tenth of its largest
 * value, and none of it at 0. */
bool run_wants_log(const double *v, size_t n);

#endif
