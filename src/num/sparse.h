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

/* A product with n rows X of `columns` bytes. ld, the distance of rows of the right factor and of
 * the result, and width are multiples of 16, everything but base 64-byte aligned. */
struct sparse_product {
    struct team *team; /* NULL: one thread */
    const struct sparse_row *x;
    size_t n, columns;
    float scale;        /* what a byte is multiplied by */
    const float *right; /* W, columns x width; transposed: dY, n x width */
    size_t ld, width;
    const float *base; /* width floats, for every row of the result */
    bool accumulate;   /* transposed: adds to the old values */
    float *result;
};

/* Y (n x width) = scale X W + base. A row of Y depends on its own row of X alone, whatever the
 * batch and the team that shares the rows. */
void sparse_gemm(const struct sparse_product *p);

/* dW (columns x width) = scale X' dY + base in every row, or added to what is there. Sums run over
 * the rows of the batch in order, whatever the team that shares the columns. */
void sparse_gemm_transposed(const struct sparse_product *p);

#endif
