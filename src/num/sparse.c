/* The kernels keep a row of the result in registers: up to eight blocks of 16 floats, wider ones tile by tile. This file is
 * compiled with contraction (meson.build): one rounding for a product and its sum, as BLAS has it. */
#include "num/sparse.h"
#include "util/mem.h"
#include <string.h>

typedef float block __attribute__((vector_size(64), may_alias));
enum { BLOCK = 16, TILE = 8 };

/* macros, since not every processor has registers to hand such a vector over in a call */
#define LOAD(p) (*(const block *)(const void *)(p))
#define STORE(p, b) (*(block *)(void *)(p) = (b))

/* ---- Y = X W ---- */

struct forward {
    const struct sparse_row *x;
    size_t n, ld;
    float scale;
    const float *w, *base;
    float *y;
};

#define FORWARD(blocks)                                                                            \
    static void forward_##blocks(const struct forward *f)                                          \
    {                                                                                              \
        block base[blocks];                                                                        \
        memcpy(base, f->base, sizeof base);                                                        \
        for (size_t i = 0; i < f->n; i++) {                                                        \
            const struct sparse_row r = f->x[i];                                                   \
            block sum[blocks];                                                                     \
            memcpy(sum, base, sizeof sum);                                                         \
            for (uint32_t k = 0; k < r.n; k++) {                                                   \
                const float v = (float)r.value[k] * f->scale, *w = f->w + r.column[k] * f->ld;     \
                for (int b = 0; b < blocks; b++)                                                   \
                    sum[b] += v * LOAD(w + b * BLOCK);                                             \
            }                                                                                      \
            for (int b = 0; b < blocks; b++)                                                       \
                STORE(f->y + i * f->ld + b * BLOCK, sum[b]);                                       \
        }                                                                                          \
    }
FORWARD(1)
FORWARD(2)
FORWARD(3)
FORWARD(4)
FORWARD(5)
FORWARD(6)
FORWARD(7)
FORWARD(8)

void sparse_gemm(const struct sparse_row *x, size_t n, float scale, const float *w, size_t ld, size_t width, const float *base,
                 float *y)
{
    static void (*const kernels[])(const struct forward *) = {forward_1, forward_2, forward_3, forward_4,
                                                              forward_5, forward_6, forward_7, forward_8};
    for (size_t left = width / BLOCK, at = 0; left > 0;) {
        size_t blocks = left < TILE ? left : TILE;
        struct forward f = {.x = x, .n = n, .ld = ld, .scale = scale, .w = w + at, .base = base + at, .y = y + at};
        kernels[blocks - 1](&f);
        left -= blocks;
        at += blocks * BLOCK;
    }
}

/* ---- dW = X' dY ---- */

struct entry {
    uint32_t row;
    float value;
};

struct sparse_scratch {
    size_t columns, rows; /* rows sorted at a time: as many as keep their part of dY in the first cache */
    uint32_t *end;        /* entries of column c: [c ? end[c - 1] : 0, end[c]) */
    struct entry *entry;
    size_t bytes;
};

enum { CACHED_FLOATS = 6144 };

static size_t rows_at_a_time(size_t width)
{
    return CACHED_FLOATS / (width < TILE * BLOCK ? width : TILE * BLOCK);
}

struct sparse_scratch *sparse_scratch_new(size_t columns, size_t max_row, size_t width)
{
    struct sparse_scratch *s = mem_new(sizeof *s);
    s->columns = columns;
    s->rows = rows_at_a_time(width);
    s->end = mem_array(columns + 1, sizeof *s->end);
    s->entry = mem_array(s->rows * max_row + 1, sizeof *s->entry);
    s->bytes = (columns + 1) * sizeof *s->end + (s->rows * max_row + 1) * sizeof *s->entry;
    return s;
}

void sparse_scratch_free(struct sparse_scratch *s)
{
    if (!s)
        return;
    mem_free(s->end);
    mem_free(s->entry);
    mem_free(s);
}

size_t sparse_scratch_bytes(const struct sparse_scratch *s)
{
    return s ? s->bytes : 0;
}

/* Counting sort by column; rows stay in order. */
static void sort_by_column(struct sparse_scratch *s, const struct sparse_row *x, size_t n, float scale)
{
    uint32_t *restrict end = s->end, sum = 0;
    struct entry *restrict entry = s->entry;
    memset(end, 0, s->columns * sizeof *end);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < x[i].n; k++)
            end[x[i].column[k]]++;
    for (size_t c = 0; c < s->columns; c++) {
        uint32_t count = end[c];
        end[c] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < x[i].n; k++)
            entry[end[x[i].column[k]]++] = (struct entry){(uint32_t)i, (float)x[i].value[k] * scale};
}

struct backward {
    const struct sparse_scratch *s;
    size_t ld;
    const float *dy, *base; /* base NULL: begin with what is in dw */
    float *dw;
};

#define BACKWARD(blocks)                                                                           \
    static void backward_##blocks(const struct backward *f)                                        \
    {                                                                                              \
        const struct entry *e = f->s->entry;                                                       \
        block base[blocks] = {0};                                                                  \
        if (f->base)                                                                               \
            memcpy(base, f->base, sizeof base);                                                    \
        for (size_t c = 0; c < f->s->columns; c++) {                                               \
            const struct entry *end = f->s->entry + f->s->end[c];                                  \
            float *dw = f->dw + c * f->ld;                                                         \
            if (e == end && !f->base)                                                              \
                continue;                                                                          \
            block sum[blocks];                                                                     \
            for (int b = 0; b < blocks; b++)                                                       \
                sum[b] = f->base ? base[b] : LOAD(dw + b * BLOCK);                                 \
            for (; e < end; e++)                                                                   \
                for (int b = 0; b < blocks; b++)                                                   \
                    sum[b] += e->value * LOAD(f->dy + e->row * f->ld + b * BLOCK);                 \
            for (int b = 0; b < blocks; b++)                                                       \
                STORE(dw + b * BLOCK, sum[b]);                                                     \
        }                                                                                          \
    }
BACKWARD(1)
BACKWARD(2)
BACKWARD(3)
BACKWARD(4)
BACKWARD(5)
BACKWARD(6)
BACKWARD(7)
BACKWARD(8)

/* What is there and the base, where both count. */
static void add_base(float *dw, size_t columns, size_t ld, size_t width, const float *base)
{
    for (size_t c = 0; c < columns; c++)
        for (size_t j = 0; j < width; j++)
            dw[c * ld + j] += base[j];
}

void sparse_gemm_transposed(struct sparse_scratch *s, const struct sparse_row *x, size_t n, float scale, const float *dy, size_t ld,
                            size_t width, const float *base, bool accumulate, float *dw)
{
    static void (*const kernels[])(const struct backward *) = {backward_1, backward_2, backward_3, backward_4,
                                                               backward_5, backward_6, backward_7, backward_8};
    if (accumulate)
        add_base(dw, s->columns, ld, width, base);
    for (size_t from = 0; from < n; from += s->rows) {
        size_t m = n - from < s->rows ? n - from : s->rows;
        sort_by_column(s, x + from, m, scale);
        for (size_t left = width / BLOCK, at = 0; left > 0;) {
            size_t blocks = left < TILE ? left : TILE;
            struct backward f = {.s = s, .ld = ld, .dy = dy + from * ld + at, .dw = dw + at,
                                 .base = from == 0 && !accumulate ? base + at : NULL};
            kernels[blocks - 1](&f);
            left -= blocks;
            at += blocks * BLOCK;
        }
    }
}
