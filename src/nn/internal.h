/* What a layer is, shared by the files of this module. */
#ifndef DESCENT_NN_INTERNAL_H
#define DESCENT_NN_INTERNAL_H

#include "nn/nn.h"
#include "num/conv.h"
#include "num/image.h"
#include "num/random.h"
#include "num/sparse.h"
#include "util/processor.h"

/* What a layer tells about itself once the shape of its input is known. */
struct layer_shape {
    struct image_shape in, out;  /* out is set by the kind; a vector is n x 1 x 1 */
    bool image, out_image;       /* whether they are images; out_image is set by the kind */
    size_t in_ld;                /* floats a row of the input */
    size_t out_ld;               /* of the output; 0 (as the kind finds it): the channels, padded */
    bool weight, bias;           /* trained tensors it has */
    struct tensor_shape weights; /* of the weight, without ld; rows 0: channels of out x of in */
    bool norm;                   /* its tensors are a norm's: the bias has the weight's shape */
    bool running;                /* it has running statistics, a number a channel */
    bool nothing;                /* it does nothing and is left out (dropout 0) */
    bool passes;                 /* it hands its input on as it is (flatten of a vector) */
    size_t stride[2];            /* of convolutions and pools; 0: 1 */
    size_t saved;                /* floats an image of its own between forward and backward */
    size_t kept;                 /* floats of its own, whatever the batch */
    size_t scratch;     /* doubles that it wants while it works; at least 4 x ld are there */
    size_t work;        /* floats that it wants while it works, */
    size_t work_thread; /* and those that each thread does */
    double products;    /* multiply-adds an image, forward */
    char detail[96];
};

/* One layer at work on `images` images, n rows of its input (n = images * pixels). Blocks are
 * rows x ld floats. */
struct layer_call {
    const struct matmul *backend;
    const void *options;
    const struct layer_shape *shape;
    const struct conv_behind *behind; /* of a convolution or batch norm: what it does besides */
    size_t images, n, in, out, in_ld, out_ld; /* in, out: channels */
    const float *x, *weight, *bias;
    const float *other; /* the second input, of a sum */
    float *y;
    float *mean, *var; /* running statistics, or NULL */
    float *saved;      /* from forward to backward; see layer_shape */
    float *kept;
    float *work;
    double *scratch;
    /* The input as rows of bytes in place of x (the first layer, where it is linear); NULL: dense.
     * */
    const struct sparse_row *rows;
    float row_scale, row_shift; /* x = value * scale + shift, in every column */
    bool training, dropping;
    double average; /* share of the batch in the running statistics; 0: they stay */
    uint64_t seed, minibatch;
    uint32_t number; /* of the layer */
    /* backward only */
    const float *dy;
    float *dx;          /* NULL: not wanted. Of an elementwise layer it is dy: it works in place. */
    const float *start; /* what dx begins with, perhaps dx itself (kinds that add); NULL: 0 */
    float *dweight, *dbias;
    bool accumulate;
};

struct layer_kind {
    struct kind base;
    /* False: it cannot have this input; both shapes are named. ERR_USAGE. */
    bool (*shape)(const void *options, struct layer_shape *s, struct error *err);
    bool elementwise;      /* backward works in place: dx is dy */
    bool wants_x, wants_y; /* backward looks at them */
    bool by_images;        /* an image is made of itself alone, without saved, kept and scratch */
    bool adds;             /* backward can begin dx with what is there */
    bool takes_rows;       /* as the first layer, knows what to do with sparse rows */
    bool flattens;         /* as the first layer, takes an image and gives a vector */
    bool has_units;        /* struct linear_options; a model's last has one for each class */
    bool is_product;       /* counts as matrix products, where time goes */
    void (*forward)(const struct layer_call *c);
    void (*backward)(const struct layer_call *c);
};

struct init_kind {
    struct kind base;
    /* n values of a weight (row-major, as the world sees it) or a bias. */
    void (*fill)(const void *options, struct rng *r, double fan_in, double fan_out, float *w,
                 size_t n);
    bool biases_too; /* else biases start at the option `bias` */
};
/* Keys of every init. */
struct init_common {
    double bias;
};

/* The first value of biases by this kind of initialization. */
double init_bias(const struct chosen *init);

struct model_kind {
    struct kind base;
    /* The layers that it is short for. ERR_USAGE names the key to blame. */
    bool (*expand)(const void *options, size_t classes, struct arena *a, struct chosen_list *ret,
                   struct error *err);
    bool listed;        /* the layers stand in the spec: errors have their places */
    size_t least_image; /* images of fewer rows or columns vanish in its layers */
};

/* Options of the layers that models are made of. */
struct linear_options {
    int64_t out;
    bool bias;
    struct chosen init; /* kind NULL: the model's */
};
struct dropout_options {
    double p;
};
/* A number for both axes, or one each: (height, width). */
enum { PADDING_SAME = -1 };
struct conv_options {
    int64_t out;
    struct ints kernel, stride;
    int64_t padding[2]; /* or PADDING_SAME */
    bool bias;
    struct chosen init;
};
struct pool_options {
    struct ints size, stride; /* stride empty: the size */
    struct ints padding;
    bool ceil;
};
enum { SHORTCUT_IDENTITY, SHORTCUT_PAD, SHORTCUT_CONV };
struct residual_options {
    struct chosen_list layers;
    int shortcut;
};

/* The axis' value of a number for both or one each. */
static inline size_t of_axis(const struct ints *x, int axis)
{
    return (size_t)x->v[x->n == 2 ? axis : 0];
}
/* "out x height x width" of an image, "n" of a vector, into text. */
const char *shape_text(struct image_shape s, bool image, char text[64]);
/* "2" where rows and columns have the same, else "1 x 2", into text. */
const char *shape_axes(const size_t axis[2], char text[48]);
/* The shape function of layers that change no shape: activations, the sum of a residual. */
bool shape_unchanged(const void *options, struct layer_shape *s, struct error *err);

/* Layers that no list names: the two ways of a residual brought together, and its shortcut by
 * padding. */
extern const struct layer_kind layer_residual, residual_add, residual_pad;
struct residual_pad_options {
    size_t out, stride[2];
};

struct plan_step {
    const struct layer_kind *kind;
    const void *options;
    struct layer_shape shape;
    size_t in_ld, out_ld;
    int in, other, out;          /* values; other: of a sum, else -1 */
    int weight, bias, mean, var; /* numbers of its tensors, or -1 */
    struct conv_behind behind;   /* the steps that it does too (nn/fuse.c) */
    bool needs_dx;
    uint32_t number;
};

/* What layers hand on: value 0 is the input. */
struct plan_value {
    size_t floats; /* an image */
    bool trained;  /* trained weights stand before it: its gradient is wanted */
};

/* Lets batch norms do the ReLU behind them, convolutions that and the max pool, an image at a time,
 * where nothing else looks at what is between; those steps then hand on what they get. In the arena
 * of the plan. */
void plan_fuse(struct model_plan *p);

/* The first layer that does something; NULL: none does. */
const struct plan_step *plan_first_step(const struct model_plan *p);
/* How many steps look at the value; those that hand it on do not. */
size_t plan_readers(const struct model_plan *p, int value);

/* ---- memory.c: what lives where, of one pass ---- */

/* A block of a pass: in use from one moment to another. Forward of step i is moment i, the loss
 * moment L, the steps' number, backward of step i moment 2 L - i. */
struct piece {
    size_t floats; /* an image */
    int first, last;
    size_t at; /* floats from the arena's beginning, once it is laid out */
};
/* Of a step's way back: pieces, or -1. */
struct way_back {
    int dy, dx;
    int start; /* dx begins with this one: the kind adds */
    int sum;   /* dx is added to this one afterwards */
    int copy;  /* sum is made of this one first, which others still need */
};
struct memory {
    size_t pieces;
    struct piece *piece;
    int *value;            /* piece of each value; -1: it lies elsewhere */
    int *saved;            /* piece of each step's saved, or -1 */
    struct way_back *back; /* of each step; NULL: no way back */
    size_t floats;         /* of the arena, once it is laid out */
};
/* Of training: forward, loss, backward. In the arena a. */
void memory_train(const struct model_plan *p, struct arena *a, struct memory *ret);
/* Of evaluation: steps [first, last) forward; values that are read after them, or were made before,
 * lie elsewhere. */
void memory_forward(const struct model_plan *p, size_t first, size_t last, struct arena *a,
                    struct memory *ret);
/* Places for batches of n images: pieces that are in use at one moment do not overlap. */
void memory_lay_out(struct memory *m, size_t n);

#endif
