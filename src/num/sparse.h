/* Products with a batch of rows of bytes most of which are zero: images. */
#ifndef DESCENT_NUM_SPARSE_H
#define DESCENT_NUM_SPARSE_H

#include "num/team.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row of `columns` bytes, and a bit for each that is not zero, 64 to a word, the first column
 * lowest. Borrowed. */
struct sparse_row {
    const uint64_t *mask; /* sparse_words(columns) of them; bits past the last column are 0 */
    const uint8_t *value;
};
/* Words of 64 bits that a mask of so many columns has. */
size_t sparse_words(size_t columns);
/* The mask of a row. */
void sparse_mask(const uint8_t *value, size_t columns, uint64_t *ret_mask);

/* Y (n x width) = scale X W + base, W being columns x width, base width floats for every row. width
 * and ld, the distance of rows of Y and W, are multiples of 16, everything but base 64-byte
 * aligned. A row of Y depends on its own row of X alone, whatever the batch and the team that
 * shares the rows. */
void sparse_gemm(struct team *team, const struct sparse_row *x, size_t n, size_t columns,
                 float scale, const float *w, size_t ld, size_t width, const float *base, float *y);

/* dW (columns x width) = scale X' dY + base in every row, or added to what is there. Sums run over
 * the rows of the batch in order, whatever the team that shares the columns. */
void sparse_gemm_transposed(struct team *team, const struct sparse_row *x, size_t n, size_t columns,
                            float scale, const float *dy, size_t ld, size_t width,
                            const float *base, bool accumulate, float *dw);

#endif
