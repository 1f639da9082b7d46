/* Training: the loop, what it measures, and its state. It opens no file of its own accord and
 * prints nothing: it emits events. */
#ifndef DESCENT_TRAIN_TRAIN_H
#define DESCENT_TRAIN_TRAIN_H

#include "data/data.h"
#include "nn/nn.h"
#include "optim/optim.h"
#include "sched/sched.h"
#include "spec/spec.h"
#include <stdint.h>

/* A row of epochs.csv: metric m is value[m], NAN where it was not evaluated. */
struct epoch_row {
    int64_t epoch, step;
    double value[METRICS];
    double train_seconds, evaluate_seconds;
    int64_t samples; /* trained in this process during this epoch */
    bool best, last; /* the best so far by checkpoint.best; the run's last row */
};

/* A row of steps.csv: after the update. */
struct step_row {
    int64_t step, epoch;
    double lr, batch_loss, grad_norm;
    int64_t batch_size;
};

enum train_wish { TRAIN_GO_ON, TRAIN_CHECKPOINT, TRAIN_STOP };

/* Who listens. Any may be NULL. `step` and `epoch` return false with err set to end training. */
struct train_events {
    void *context;
    bool (*step)(void *context, const struct step_row *row, struct error *err);
    bool (*epoch)(void *context, const struct epoch_row *row, struct error *err);
    /* Asked after every update; loss: this update's. CHECKPOINT calls `checkpoint` and continues,
     * STOP calls it and ends. */
    enum train_wish (*wish)(void *context, int64_t step, double loss);
    bool (*checkpoint)(void *context, struct error *err);
    /* Called where the run is about to end within an epoch: here a longer one resumes. */
    bool (*cut)(void *context, struct error *err);
};

struct train;

/* Plans everything: model, optimizer, schedules, order, evaluation. Borrows spec and data until
 * train_free. ERR_USAGE for what only the data can tell (a batch larger than the training set, a
 * last layer of another width), with the spec's key to blame. */
MUST_CHECK bool train_new(const struct spec *spec, struct data *data, struct train **ret,
                          struct error *err);
/* The same without model.init_from, which may be gone, and without what the schedules come to: for
 * weights or a state that are loaded into it. */
MUST_CHECK bool train_new_to_load(const struct spec *spec, struct data *data, struct train **ret,
                                  struct error *err);
/* Bytes that training takes beside the model and its batches: the optimizer's state, averages. */
double train_state_bytes(const struct spec *spec, const struct model_plan *plan);
/* What train_new would say of them (but of init_from), without its memory. It leaves with the data
 * what a training derives from them. */
MUST_CHECK bool train_check(const struct spec *spec, struct data *data, struct error *err);
/* What they and data_load would refuse (ERR_USAGE), as far as it can be told without reading
 * images. Files that are needed and cannot be read are for data_load to miss. */
MUST_CHECK bool train_check_ahead(const struct spec *spec, struct error *err);
/* The same of train_new_to_load. */
MUST_CHECK bool train_check_to_load(const struct spec *spec, struct error *err);
/* Of a state that was loaded, before it is trained further: what the schedules come to. from: where
 * the run got the length that it has now, or NULL: at its beginning. */
MUST_CHECK bool train_lengthen(struct train *t, const struct sched_position *from,
                               struct error *err);
/* As train_check_ahead, each thing that is wrong added to d at its key. epoch, step: what a run has
 * behind it that resumes with this spec, else 0. */
MUST_CHECK bool train_check_all(const struct spec *spec, int64_t epoch, int64_t step,
                                struct diags *d);
/* Takes NULL. */
void train_free(struct train *t);

/* Trains from where it stands to the end. False: err says why (ERR_DIVERGED: a loss, the gradient,
 * a weight, a running statistic or the optimizer's state is no longer finite; ERR_USAGE: the
 * schedules give the next update what none may have, and what was trained is on file).
 * ret_finished is false where an event wished to stop. */
MUST_CHECK bool train_run(struct train *t, const struct train_events *events, bool *ret_finished,
                          struct error *err);
/* Of a run that was loaded at its end: its row's test figures, which only an end has. As above. */
MUST_CHECK bool train_test_end(struct train *t, struct epoch_row *row, struct error *err);

int64_t train_epoch_now(const struct train *t); /* whole epochs done */
int64_t train_step_now(const struct train *t);  /* updates done */
int64_t train_total_steps(const struct train *t);
/* Whether the run is at its end, early stopping included. */
bool train_is_finished(const struct train *t);
/* Images of the present epoch that were trained on. */
int64_t train_cursor_now(const struct train *t);
/* Whether some updates of the present epoch are done, and its row is not. */
bool train_is_within_epoch(const struct train *t);
/* Whether the last row is that of a partial epoch, in which `train.steps` ended the run: a longer
 * one does not resume from there. */
bool train_ends_within_epoch(const struct train *t);
/* The model's plan; borrowed. */
const struct model_plan *train_plan(const struct train *t);
/* What happened to the optimizer on the way (SWATS switched), and after which update; NULL:
 * nothing. */
const char *train_event(const struct train *t, int64_t *ret_step);
/* The row of the best epoch so far, or NULL. */
const struct epoch_row *train_best(const struct train *t);
/* Makes it that one; NULL: none. */
void train_set_best(struct train *t, const struct epoch_row *row);

/* Where the time goes, in seconds, added to while it is set (NULL: stop). */
enum train_part {
    TRAIN_INPUT,
    TRAIN_PRODUCTS,
    TRAIN_ELEMENTWISE,
    TRAIN_LOSS,
    TRAIN_CLIP,
    TRAIN_OPTIMIZER,
    TRAIN_PARTS
};
/* Starts, or with NULL stops, the clock of the parts; seconds: TRAIN_PARTS of them. */
void train_time(struct train *t, double *seconds);
/* The first layer multiplies by the pixels that are not zero alone. */
bool train_is_sparse(const struct train *t);
/* Whether BLAS makes the layers' dense products: their bits depend on the machine. */
bool train_is_by_blas(const struct train *t);
/* What makes the layers' dense products: "avx2", "avx512", "blas". */
const char *train_matmul(const struct train *t);

/* ---- state ---- */

struct st_file;
struct st_meta;
/* Writes a checkpoint: model, optimizer, averages, position, schedules, early stopping and best so
 * far. spec_text: the resolved spec; note: n more entries of its metadata. Atomic. ERR_SYSTEM. */
MUST_CHECK bool train_save(struct train *t, const char *path, const char *spec_text,
                           const struct st_meta *note, size_t n, struct error *err);
/* Puts a checkpoint's state in place. ERR_DATA names what is missing, extra or of another shape; t
 * is then unusable. */
MUST_CHECK bool train_load(struct train *t, const char *path, struct error *err);
/* The same of a file that is read already, from path. */
MUST_CHECK bool train_take(struct train *t, const struct st_file *file, const char *path,
                           struct error *err);
/* Before training resumes from a checkpoint: drops an average that a shorter run began
 * and this one does not average yet. The raw weights are then evaluated until it begins. */
void train_average_resume(struct train *t);
/* The version of the arithmetic, in run.json and checkpoints: raised when the same spec and data
 * come to give other bits. 1, which neither names: the elementary functions of the C library. */
enum { TRAIN_RESULTS = 2 };
/* SHA-256 of the weights and running statistics as a checkpoint holds them. */
void train_digest(struct train *t, char ret_hex[65]);

/* ---- evaluation of weights from a file ---- */

/* Where a checkpoint has the weights that its run evaluates, where those are not model.*. */
struct train_evaluated {
    bool average;     /* average.* */
    const char *slot; /* optimizer.*.SLOT, or NULL */
    bool statistics;  /* running statistics are average.*, too */
};
/* Nothing of a file that is no checkpoint. ERR_DATA where the spec that the file carries is wanted
 * for that and cannot be read. */
MUST_CHECK bool train_find_evaluated(const struct st_file *f, const char *path,
                                     struct train_evaluated *ret, struct error *err);
/* Warns where the statistics are those of the last evaluation and not of the weights: within an
 * epoch, of what an optimizer evaluates. */
void train_warn_stale(const struct st_file *f, const char *path, const struct train_evaluated *e);
/* Replaces the model's weights by those of a .safetensors file: names with or without `model.`;
 * running statistics may be missing. ERR_DATA names every tensor that is missing, extra or of
 * another shape. */
MUST_CHECK bool train_load_weights(struct train *t, const char *path, bool averaged,
                                   struct error *err);
/* The weights that a run would evaluate at this checkpoint (the average, or the optimizer's own
 * choice), or those of a bare weights file. */
MUST_CHECK bool train_load_evaluated(struct train *t, const char *path, struct error *err);
/* Loss (mean), share right over a split with the weights as they stand; predicted: NULL or s->n
 * classes. */
void train_evaluate(struct train *t, const struct data_split *s, size_t limit, double *ret_loss,
                    double *ret_accuracy, uint8_t *ret_predicted);

/* Of every image of a split, with the weights that count: the class that is predicted, and its
 * softmax probability. s->n each. */
void train_predict(struct train *t, const struct data_split *s, uint8_t *ret_predicted,
                   float *ret_probability);

/* Every class's softmax probability for the first image of a split, with the weights that count. */
void train_classify(struct train *t, const struct data_split *s, float *ret_probability);

/* ---- other places in the space of weights ---- */

/* The weights that count where training stands (the average, the optimizer's own choice, or the
 * plain ones) and their running statistics: blocks as the plan lays them out, borrowed until the
 * next call of anything here. */
void train_weights(struct train *t, const float **ret_params, const float **ret_buffers);
/* Over the images of a split; NaN without any. */
struct train_score {
    double loss, accuracy; /* mean cross entropy; share right */
};
/* As train_evaluate, with these weights and statistics; what the run holds stays as it is. */
struct train_score train_evaluate_weights(struct train *t, const float *params,
                                          const float *buffers, const struct data_split *s,
                                          size_t limit);
/* Running statistics for these weights: the cumulative average over batches of the first `limit`
 * training images in the first epoch's order. */
void train_refresh_weights(struct train *t, const float *params, float *buffers, size_t limit);

#endif
