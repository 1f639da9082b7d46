/* Models: a list of layers, planned once, then forward and backward without allocation. */
#ifndef DESCENT_NN_NN_H
#define DESCENT_NN_NN_H

#include "config/param.h"
#include "num/image.h"
#include "num/matmul.h"
#include "num/sparse.h"
#include "num/tensor.h"
#include "util/strbuf.h"
#include <stddef.h>
#include <stdint.h>

/* Registries: models, layers (every activation among them), activations as `activation:` takes
 * them, inits. */
extern const struct registry model_registry, layer_registry, init_registry;
extern const char *const activation_names[];

/* Values of keys that every model has, in the order of their words. */
enum init_weights { INIT_LAST, INIT_AVERAGE };
enum sparse_input { SPARSE_AUTO, SPARSE_ON, SPARSE_OFF };
enum model_matmul { MATMUL_AUTO, MATMUL_BLAS };

/* Keys of every model; the first member of every model's options (model_registry.common). */
struct model_common {
    struct chosen init;
    const char *init_from; /* NULL: none */
    int init_weights;      /* of a checkpoint: enum init_weights */
    int sparse_input;      /* enum sparse_input */
    int matmul;            /* enum model_matmul */
};

/* A tensor of the model. Offsets are into the block of parameters or the block of buffers. */
struct model_tensor {
    const char *name; /* "1.weight", "2.running_mean", "3.layers.0.weight", "3.shortcut.0.weight" */
    size_t layer;     /* number of its step */
    enum tensor_role role;
    struct tensor_shape shape;
    size_t offset, stored;     /* floats */
    size_t fan_in, fan_out;    /* of linear layers and convolutions (biases too), else 0 */
    const struct chosen *init; /* its layer's own, or NULL: the model's */
    double initial;            /* of a norm: what it starts with */
};

struct model_layer_info {
    const char *name;  /* "linear" */
    const char *place; /* "3", "3.layers.0" */
    char detail[96];   /* "784 -> 75, no bias"; "p = 0.5" */
    struct image_shape out;
    bool image;        /* whether that is one; else a vector */
    size_t parameters; /* trained numbers, padding not counted */
    double products;   /* multiply-adds an image */
};

struct model_plan {
    size_t features, classes;
    struct image_shape input;
    bool input_image; /* x is rows of pixels (num/image.h), input_ld floats each; else one row of
                         `features` an image, in the world's order */
    size_t layers, params, buffers, values; /* counts; a layer is a step: residuals have many */
    struct model_layer_info *layer;
    struct model_tensor *param;         /* trained, in order of layers: weight, then bias */
    struct model_tensor *buffer;        /* running_mean, running_var */
    size_t param_floats, buffer_floats; /* sizes of the blocks, padding included */
    size_t input_ld;                    /* floats a row of x */
    bool has_batch_norm;
    size_t norm_pixels; /* least number of values that an image gives a channel of a batch norm */
    struct plan_step *step;   /* private */
    struct plan_value *value; /* private */
    struct arena arena;
};

/* input: of 0 channels, it is not known, as classes 0 are not; the plan then only tells what is
 * wrong for any. ERR_USAGE: last linear's width is not `classes`, dropout list of wrong length, a
 * layer that cannot have its input, with the key to blame ("model.layers.3",
 * "model.layers.3.residual.layers.0", "model.dropout"). */
MUST_CHECK bool model_plan_new(const struct chosen *config, struct image_shape input,
                               size_t classes, struct model_plan **ret, struct error *err);
/* Takes NULL. */
void model_plan_free(struct model_plan *p);

/* A model's memory: planned once for the largest batches and a team of so many threads. */
struct model;
/* Allocates all memory and draws the initial weights by the seed; borrows the plan. */
struct model *model_new(const struct model_plan *p, size_t max_train_batch, size_t max_eval_batch,
                        size_t threads, uint64_t seed);
/* Takes NULL. */
void model_free(struct model *m);
/* Who makes its matrix products from now on (copied; the team borrowed); until then one thread and
 * the best kernel. */
void model_use_matmul(struct model *m, const struct matmul *matmul);
/* What model_new will take. */
double model_bytes_wanted(const struct model_plan *p, size_t max_train_batch, size_t max_eval_batch,
                          size_t threads);

/* Blocks of plan->param_floats (weights, gradients) and plan->buffer_floats. */
float *model_params(struct model *m);
/* The gradient of the last model_train, laid out as the weights. */
float *model_grads(struct model *m);
/* Running means and variances. */
float *model_buffers(struct model *m);

/* Initial weights by the model's init, a pure function of (seed, tensor). Running statistics 0 and
 * 1. */
void model_init(struct model *m, const struct chosen *init, uint64_t seed);

/* Where the next batch's floats (n rows of input_ld; n * pixels rows, plan->input_image) and n
 * labels are to be put (gathered by data). Alignment 64, padding zero. */
float *model_input(struct model *m);
/* Room for the labels of the largest batch. */
uint8_t *model_labels(struct model *m);

/* Whether the model can take its images as sparse rows: its first layer is linear, and nothing else
 * reads them. */
bool model_takes_rows(const struct model_plan *p);
/* From now on it takes them so: from model_rows, x = value * scale + shift. */
void model_use_rows(struct model *m, float scale, float shift);
struct sparse_row *model_rows(struct model *m); /* room for a batch; NULL: dense input */

/* One training step's gradient for the n images in model_input: forward in training mode (dropout
 * keyed by (seed, minibatch, layer), batch statistics), mean cross entropy with label smoothing as
 * PyTorch, backward. Gradients are those of (sum of the losses) * scale; they replace model_grads,
 * or are added to it (accumulate). Running statistics move. Returns the SUM of the n losses (not
 * finite if it diverged). */
double model_train(struct model *m, size_t n, uint64_t minibatch, double smoothing, double scale,
                   bool accumulate);

/* The sum of plain cross entropies, and how many images are right. */
struct model_score {
    double loss;
    size_t right;
};
/* Evaluation mode for the n <= max_eval_batch images in model_input with weights `params` and
 * statistics `buffers` (NULL: the model's own). ret_predicted: NULL or n classes (arg max, the
 * first of equals). Changes nothing that training sees. */
struct model_score model_evaluate(struct model *m, const float *params, const float *buffers,
                                  size_t n, uint8_t *ret_predicted);
/* Logits of the last model_evaluate: n rows of *ret_ld floats. */
const float *model_logits(const struct model *m, size_t *ret_ld);

/* Batch-norm statistics for other weights (swa, schedule-free): begin resets `buffers` to 0/1, each
 * add passes n images of model_input in training mode without dropout, with the cumulative average
 * over batches. */
void model_norm_begin(struct model *m, float *buffers);
/* The n images in model_input; batch_number counts from 0. */
void model_norm_add(struct model *m, const float *params, float *buffers, size_t n,
                    size_t batch_number);

/* Where a model's time goes in training. With `seconds` (MODEL_PARTS of them, added to; NULL: stop)
 * each layer is timed in model_train, and in no other pass. */
enum model_part { MODEL_PRODUCTS, MODEL_ELEMENTWISE, MODEL_LOSS, MODEL_PARTS };
/* Starts, or with NULL stops, the clock of the parts. */
void model_time(struct model *m, double *seconds);
/* Floating-point operations of the matrix products of one image, as dense ones, forward and
 * backward. */
double model_flops(const struct model_plan *p);

struct model_description {
    size_t train_batch, eval_batch, threads;
    double more_bytes; /* that training takes beside the model and its batches */
    size_t page;       /* columns */
};
/* The table of `descent check --layers`, with the memory for batches of these sizes. On a page of
 * fewer columns than it wants, the columns are as narrow as they may be, or a layer takes two
 * lines. */
void model_describe(const struct model_plan *p, const struct model_description *how,
                    struct strbuf *out);

/* For tests: the loss alone in training mode, as model_train computes it, at the present
 * weights. */
double model_train_loss(struct model *m, size_t n, uint64_t minibatch, double smoothing);

#endif
