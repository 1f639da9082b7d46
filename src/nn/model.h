/* A model at work, shared by the files that make it, run it and look at it. */
#ifndef DESCENT_NN_MODEL_H
#define DESCENT_NN_MODEL_H

#include "nn/internal.h"
#include "util/mem.h"

/* A pass's arena, and where each value lies in it for the largest batch. */
struct model_room {
    struct memory memory;
    float *base;
};

struct model {
    const struct model_plan *plan;
    struct matmul matmul;
    float *params, *grads, *buffers;
    float *input, *logits;
    float *cut; /* what the tiles of an evaluation leave behind; NULL: it is not made in tiles */
    struct sparse_row *row; /* or NULL: the input is dense */
    float row_scale, row_shift;
    uint8_t *labels;
    struct arena arena;
    struct model_room train, tile,
        whole; /* evaluation: steps before the cut in tiles, the others whole */
    size_t cut_step, tile_images;
    float *block;   /* the rooms' */
    float **kept;   /* per layer: what it keeps besides */
    float *keeping; /* they all lie in here */
    float *work;
    double *scratch;
    size_t bytes, rows;
    uint64_t seed;
    double *clock;   /* of the parts of training; NULL: not timed */
    double *seconds; /* the same within model_train, else NULL */
};

/* ---- rooms.c: memory, before the first pass ---- */

/* What the largest batches want, before anything is taken. */
struct model_needs {
    size_t arena, kept, scratch, work, cut;
    double bytes;
};
/* Plans them, in the model's arena. */
void model_plan_rooms(struct model *m, const struct model_plan *p, size_t train, size_t evaluation,
                      size_t threads, struct model_needs *ret);
/* Takes them. */
void model_take_rooms(struct model *m, const struct model_needs *n);
/* A block that counts among the model's bytes. */
void *model_take(struct model *m, size_t count, size_t size);
/* Floats an image of the input. */
size_t model_input_floats(const struct model_plan *p);

/* ---- loss.c ---- */

/* The sum of the losses of n rows of logits; where delta is given, its gradient times scale. */
double model_loss(const struct model *m, size_t n, double smoothing, double scale, float *delta);

#endif
