/* How a weight lies in memory, against how the world sees it.
 *
 * The world (checkpoints, PyTorch) sees a linear layer's weight as (rows = out, cols = in),
 * row-major. In memory it is transposed and padded: element (r, c) is at w[c * ld + r], ld >= rows,
 * so that the forward product is X (n x in) times W (in x ld). The padding is zero and its gradient
 * is always zero. A vector (bias, norm weight, running statistic) has cols = 1 and rows = its
 * length, ld >= rows. */
#ifndef DESCENT_NUM_TENSOR_H
#define DESCENT_NUM_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

enum tensor_role { TENSOR_HIDDEN, TENSOR_OUTPUT, TENSOR_BIAS, TENSOR_NORM };

/* Rows of matrices are whole units of so many floats: 64 bytes, the widest vector. */
enum { TENSOR_UNIT = 16 };
static inline size_t tensor_pad(size_t n)
{
    return (n + TENSOR_UNIT - 1) / TENSOR_UNIT * TENSOR_UNIT;
}

struct tensor_shape {
    size_t rows, cols, ld; /* stored floats: cols * ld */
    /* Of a convolution's kernel, (out, in, high, wide) in the world: rows = out, cols = in * high *
     * wide, and the stored columns are in the order (high, wide, in). Of a norm's scale over whole
     * images, (rows, high, wide): cols = high * wide. Else 0. */
    size_t high, wide;
};

/* True for a weight matrix (shape (rows, cols) in a checkpoint), false for a vector (shape
 * (rows)). */
bool tensor_is_matrix(enum tensor_role role);
/* The shape that the world sees: the number of its dimensions, at most 4. */
size_t tensor_dims(const struct tensor_shape *s, enum tensor_role role, size_t ret[4]);
size_t tensor_stored(const struct tensor_shape *s); /* cols * ld */
/* stored -> canonical row-major (rows * cols floats) and back; unpack leaves the padding zero. */
void tensor_pack(const struct tensor_shape *s, const float *stored, float *ret_canonical);
/* Canonical to stored. */
void tensor_unpack(const struct tensor_shape *s, const float *canonical, float *ret_stored);
/* What no product writes of n rows of ld floats: their ends, where they are longer than the width
 * in whole vectors. They become 0 from `written` on. */
void tensor_clear_ends(float *x, size_t n, size_t written, size_t ld);

#endif
