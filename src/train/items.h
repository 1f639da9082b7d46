/* The tensors of a run under the names that a file gives them, for those that save and load. */
#ifndef DESCENT_TRAIN_ITEMS_H
#define DESCENT_TRAIN_ITEMS_H

#include "checkpoint/safetensors.h"
#include "nn/nn.h"
#include "train/train.h"
#include "util/strbuf.h"

struct item {
    const char *name;
    float *data; /* as stored (num/tensor.h) */
    struct tensor_shape shape;
    size_t dims, dim[4]; /* as the file has it */
};
struct items {
    size_t n, capacity;
    struct item *v;
    struct arena arena;
};

/* All that a checkpoint holds: model.*, optimizer.*, average.*. Names are the list's, data the
 * run's. */
struct items items_of_run(struct train *t);
/* Adds a model's weights and running statistics, each perhaps NULL, under PREFIX and their
 * names. */
void items_add_model(struct items *x, const struct model_plan *p, const char *prefix, float *params,
                     float *buffers);
/* Frees the list, not the data. */
void items_fini(struct items *x);
/* Whether one of them has this name. */
bool items_know(const struct items *x, const char *name);
/* Adds "missing 'NAME'" to a list of what is wrong. */
void items_complain(struct strbuf *b, const char *what, const char *name);

/* How many numbers, without padding. */
size_t item_count(const struct item *i);
/* As the file has it, F32; its data in the arena. */
struct st_tensor item_pack(struct arena *a, const struct item *i);
/* Whether the file's tensor has its dimensions. */
bool item_has_shape(const struct item *i, const struct st_tensor *t);

#endif
