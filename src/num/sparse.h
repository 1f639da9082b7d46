/* Products with a batch of sparse rows of bytes: images, most of whose pixels are zero. */
#ifndef DESCENT_NUM_SPARSE_H
#define DESCENT_NUM_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row: n entries, columns ascending; all else is zero. Borrowed. */
struct sparse_row {
    const uint16_t *column;
    const uint8_t *value;
    uint32_t n;
};
enum { SPARSE_MAX_COLUMNS = 65536 };

/* Y (n x width) = scale X W + base, W being columns x width, base width floats for every row. width and ld, the distance of rows
 * of Y and W, are multiples of 16, everything but base 64-byte aligned. A row of Y depends on its own row of X alone, whatever the batch. */
void sparse_gemm(const struct sparse_row *x, size_t n, float scale, const float *w, size_t ld, size_t width,
                 const float *base, float *y);

/* Where the transposed product sorts its entries; planned for rows of at most max_row entries and products of this width. */
struct sparse_scratch;
struct sparse_scratch *sparse_scratch_new(size_t columns, size_t max_row, size_t width);
void sparse_scratch_free(struct sparse_scratch *s);
size_t sparse_scratch_bytes(const struct sparse_scratch *s);

/* dW (columns x width) = scale X' dY + base in every row, or added to what is there. Sums run over the rows of the batch in order. */
void sparse_gemm_transposed(struct sparse_scratch *s, const struct sparse_row *x, size_t n, float scale, const float *dy, size_t ld,
                            size_t width, const float *base, bool accumulate, float *dw);

#endif
