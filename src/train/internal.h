/* The state of a run in training, shared by the files of this module. */
#ifndef DESCENT_TRAIN_INTERNAL_H
#define DESCENT_TRAIN_INTERNAL_H

#include "train/train.h"

/* Where the run stands: all that a resume needs besides the tensors. */
struct train_clock {
    int64_t epoch;     /* whole epochs done */
    int64_t step;      /* updates done */
    int64_t minibatch; /* minibatches done */
    int64_t cursor;    /* images of the present epoch's order used up */
    int64_t partial;   /* 1: the last epoch done was cut short by the run's end */
    int64_t
        order_batch; /* batch size at the epoch's beginning (the stratified order depends on it) */
};

/* What the present epoch has gathered so far. */
struct train_tally {
    double loss_sum, norm_sum, last_loss;
    int64_t samples, updates;
};

struct train {
    const struct spec *spec;
    struct data *data;
    struct model_plan *plan;
    struct team *team; /* NULL: one thread */
    struct matmul matmul;
    bool sparse;  /* the first layer skips zero pixels */
    bool to_load; /* model.init_from is left alone: its weights come from a checkpoint */
    struct model *model;
    struct optim *optim;
    struct sched *sched;
    uint32_t *order, *scratch;
    uint8_t *pixels;       /* of one image, while it is augmented */
    uint32_t *first_order; /* the first epoch's, or NULL: a model without batch norm */
    struct train_clock clock;
    struct train_tally tally;
    struct sched_now now; /* of the last update (before the first: of the first to come) */
    bool stopped_early, finished;

    struct epoch_row row, best; /* the last epoch's, the best one's (best.epoch < 0: none) */
    double early_best;
    int64_t early_bad;

    float *average;         /* the averaged weights (a block like the parameters), or NULL */
    float *average_buffers; /* their batch-norm statistics, or NULL: the model's own */
    int64_t averaged;       /* so many weights are in it */
    float *before;          /* sam: weights and batch-norm statistics at the update's beginning */
    float *evaluated;       /* block for an optimizer that evaluates other weights, or NULL */
    int64_t trained_here;   /* images in this process and epoch, for samples per second */
    double *seconds;        /* TRAIN_PARTS, or NULL: not timed */
    double part_began;
    double epoch_began;
};

/* ---- position.c ---- */
/* Whether the spec's steps are all done, where it counts steps. */
bool train_out_of_steps(const struct train *t);
/* Whether the spec's epochs or steps are all done. */
bool train_at_end(const struct train *t);
/* Writes the order of an epoch of batches of this size into order, train.n words. */
void train_order(struct train *t, int64_t epoch, int64_t batch, uint32_t *order);
/* ---- evaluate.c ---- */
/* A batch (split, idx, first, n, epoch) into the model's input, dense or sparse. */
void train_gather(struct train *t, struct data_batch b);
/* Fills row's figures of the splits that the spec wants after this epoch. */
void train_measure(struct train *t, struct epoch_row *row, bool with_test);
/* Statistics of the weights over the first `limit` training images in the first epoch's order: a
 * file may be sorted by class, and a batch of one class has statistics that no other has. */
void train_refresh_norm(struct train *t, const float *params, float *buffers, size_t limit);
/* ---- finite.c ---- */
/* ERR_DIVERGED at the update that was to be made, as `what` is not finite; false. */
bool train_diverged(const struct train *t, const char *what, struct error *err);
/* Whether all numbers of the run are finite: weights, running statistics, the average's, and the
 * optimizer's state. ERR_DIVERGED names the tensor or the number as a checkpoint has it: the epoch
 * that has just been trained gets no row. */
MUST_CHECK bool train_check_state(struct train *t, struct error *err);
/* The same of all losses of this row; the column is named. */
MUST_CHECK bool train_check_row(struct train *t, const struct epoch_row *row, struct error *err);
/* ---- sam.c ---- */
/* Notes weights and batch-norm statistics, and takes the weights to where the loss is highest
 * nearby by the gradient that there is. */
void train_sam_climb(struct train *t);
/* Weights and batch-norm statistics are those of before again. */
void train_sam_return(struct train *t);
/* ---- row.c ---- */
/* Position, settings and training losses of the epoch; what is measured is NaN as yet. */
void train_fill_row(const struct train *t, struct epoch_row *row);
/* For schedules that observe: a metric of the row; NaN: it has none of that name. */
double train_row_metric(void *row, const char *name);
/* Marks the row where it is the best so far, and keeps it as that. */
void train_keep_best(struct train *t, struct epoch_row *row);
/* Counts the row for early stopping; whether that ends the run. */
bool train_stops_early(struct train *t, const struct epoch_row *row);
/* ---- average.c ---- */
/* Memory for the average of the spec, or for the weights that the optimizer evaluates. */
void train_average_plan(struct train *t);
/* Takes the weights after an update, or after an epoch, where the average's kind wants them. */
void train_average_update(struct train *t);
/* After an epoch. */
void train_average_epoch(struct train *t);

#endif
