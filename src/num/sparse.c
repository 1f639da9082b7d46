/* The kernels go through 64 columns at a time, whose rows of W stay in the first cache for as many
 * rows of the batch, and keep a row of the result in registers: up to eight blocks of 16 floats,
 * wider ones tile by tile. A product and its sum have one rounding. */
#include "num/sparse.h"
#include "num/simd.h"
#include <string.h>

enum { BLOCK = 16, TILE = 8, WORD = 64 };

#define EIGHT(make, l)                                                                             \
    make(l, 1) make(l, 2) make(l, 3) make(l, 4) make(l, 5) make(l, 6) make(l, 7) make(l, 8)
#define NAMES(name, l)                                                                             \
    {                                                                                              \
        name##_1_##l, name##_2_##l, name##_3_##l, name##_4_##l, name##_5_##l, name##_6_##l,        \
            name##_7_##l, name##_8_##l                                                             \
    }
#if PROCESSOR_HAS_LEVELS
#define KERNELS(name)                                                                              \
    {                                                                                              \
        NAMES(name, 4), NAMES(name, 8), NAMES(name, 16)                                            \
    }
#else
#define KERNELS(name)                                                                              \
    {                                                                                              \
        NAMES(name, 4)                                                                             \
    }
#endif

size_t sparse_words(size_t columns)
{
    return (columns + WORD - 1) / WORD;
}

/* A bit for each of eight bytes that is not zero: their high bits, brought together by one
 * product. */
static uint64_t bits_of_eight(const uint8_t *p)
{
    uint64_t x = 0;
    for (int k = 0; k < 8; k++)
        x |= (uint64_t)p[k] << 8 * k;
    const uint64_t low = 0x7F7F7F7F7F7F7F7F;
    uint64_t high = (((x & low) + low) | x) & ~low;
    return (high >> 7) * 0x0102040810204080 >> 56;
}

VECTORIZED(sparse_mask, (const uint8_t *value, size_t columns, uint64_t *ret_mask),
           (value, columns, ret_mask))
{
    memset(ret_mask, 0, sparse_words(columns) * sizeof *ret_mask);
    size_t j = 0;
    for (; j + 8 <= columns; j += 8)
        ret_mask[j / WORD] |= bits_of_eight(value + j) << j % WORD;
    for (; j < columns; j++)
        ret_mask[j / WORD] |= (uint64_t)(value[j] != 0) << j % WORD;
}

/* What a byte stands for. */
static void fill_table(float scale, float table[256])
{
    for (int v = 0; v < 256; v++)
        table[v] = (float)v * scale;
}

/* A word's bytes, two lines of the cache at most. They are the one thing that does not come in
 * order. */
static inline void fetch_word(const struct sparse_row *x, size_t q)
{
    __builtin_prefetch(x->value + q * WORD);
    __builtin_prefetch(x->value + q * WORD + WORD - 1);
}

/* ---- Y = X W: at most WORD rows, one tile ---- */

enum { AHEAD = 4 };

/* Blocks whose sums stay in registers: 32 of 4 floats (64-bit ARM) hold 4 and what is multiplied;
 * of more, compilers leave every sum in memory. */
static size_t most_blocks(void)
{
    return processor_now() == PROCESSOR_BASELINE ? 4 : TILE;
}

struct forward {
    const struct sparse_row *x;
    size_t n, words, ld;
    const float *table, *w, *base;
    float *y;
};

#define FORWARD(lanes, blocks)                                                                     \
    SIMD_TARGET_##lanes static void forward_##blocks##_##lanes(const struct forward *f)            \
    {                                                                                              \
        for (size_t q = 0; q < f->words; q++)                                                      \
            for (size_t i = 0; i < f->n; i++) {                                                    \
                uint64_t mask = f->x[i].mask[q];                                                   \
                fetch_word(&f->x[i + AHEAD < f->n ? i + AHEAD : i], q);                            \
                if (mask == 0 && q > 0)                                                            \
                    continue;                                                                      \
                const uint8_t *value = f->x[i].value + q * WORD;                                   \
                const float *from = f->w + q * WORD * f->ld;                                       \
                float *y = f->y + i * f->ld;                                                       \
                const float *begin = q == 0 ? f->base : y;                                         \
                simd_##lanes sum[blocks * BLOCK / lanes];                                          \
                SIMD_UNROLL                                                                        \
                for (int b = 0; b < blocks * BLOCK / lanes; b++)                                   \
                    sum[b] = SIMD_LOAD(lanes, begin + b * lanes);                                  \
                for (; mask != 0; mask &= mask - 1) {                                              \
                    size_t c = (size_t)__builtin_ctzll(mask);                                      \
                    const simd_##lanes v = SIMD_ALL(lanes, f->table[value[c]]);                    \
                    const float *w = from + c * f->ld;                                             \
                    SIMD_UNROLL                                                                    \
                    for (int b = 0; b < blocks * BLOCK / lanes; b++) {                             \
                        const simd_##lanes x = SIMD_LOAD(lanes, w + b * lanes);                    \
                        SIMD_FMA(lanes, sum[b], v, x);                                             \
                    }                                                                              \
                }                                                                                  \
                SIMD_UNROLL                                                                        \
                for (int b = 0; b < blocks * BLOCK / lanes; b++)                                   \
                    SIMD_STORE(lanes, y + b * lanes, sum[b]);                                      \
            }                                                                                      \
    }
#define FORWARD_8(lanes) EIGHT(FORWARD, lanes)
SIMD_FOR_LEVELS(FORWARD_8)

/* A product as its threads see it. */
struct shared {
    struct sparse_product p; /* team NULL: not worth one */
    float table[256];
};

/* Entries and columns below which another thread is not worth waking. */
static const size_t worth_sharing = 1 << 21;

static struct shared share(const struct sparse_product *p)
{
    struct shared s = {.p = *p};
    if (p->n * p->columns * p->width < worth_sharing)
        s.p.team = NULL;
    fill_table(p->scale, s.table);
    return s;
}

static void share_of_rows(void *context, size_t part)
{
    static void (*const kernels[][TILE])(const struct forward *) = KERNELS(forward);
    const struct shared *s = context;
    const struct sparse_product *p = &s->p;
    size_t first, count;
    team_share(p->team, part, p->n, WORD, &first, &count);
    for (size_t i = first; i < first + count; i += WORD)
        for (size_t left = p->width / BLOCK, at = 0; left > 0;) {
            size_t blocks = left < most_blocks() ? left : most_blocks(),
                   n = p->n - i < WORD ? p->n - i : WORD;
            struct forward f = {.x = p->x + i,
                                .n = n,
                                .words = sparse_words(p->columns),
                                .ld = p->ld,
                                .table = s->table,
                                .w = p->right + at,
                                .base = p->base + at,
                                .y = p->result + i * p->ld + at};
            kernels[processor_now()][blocks - 1](&f);
            left -= blocks;
            at += blocks * BLOCK;
        }
}

void sparse_gemm(const struct sparse_product *p)
{
    struct shared s = share(p);
    team_run(s.p.team, share_of_rows, &s);
}

/* ---- dW = X' dY: at most WORD rows, whose masks are turned so that a word says which rows have a
 * column ---- */

/* A 64 x 64 matrix of bits: blocks of 32, 16, ... 1 change places. */
static VECTORIZED(transpose_bits, (uint64_t a[WORD]), (a))
{
    uint64_t mask = 0x00000000FFFFFFFF;
    for (int j = WORD / 2; j > 0; j /= 2, mask ^= mask << j)
        for (int k = 0; k < WORD; k = ((k | j) + 1) & ~j) {
            uint64_t swap = ((a[k] >> j) ^ a[k | j]) & mask;
            a[k] ^= swap << j;
            a[k | j] ^= swap;
        }
}

struct backward {
    const struct sparse_row *x;
    const uint64_t *rows; /* of these columns */
    size_t first, columns, ld;
    const float *table, *dy, *base; /* base NULL: begin with what is in dw */
    float *dw;
};

#define BACKWARD(lanes, blocks)                                                                    \
    SIMD_TARGET_##lanes static void backward_##blocks##_##lanes(const struct backward *f)          \
    {                                                                                              \
        for (size_t c = 0; c < f->columns; c++) {                                                  \
            uint64_t rows = f->rows[c];                                                            \
            float *dw = f->dw + c * f->ld;                                                         \
            if (rows == 0 && !f->base)                                                             \
                continue;                                                                          \
            const float *begin = f->base ? f->base : dw;                                           \
            simd_##lanes sum[blocks * BLOCK / lanes];                                              \
            SIMD_UNROLL                                                                            \
            for (int b = 0; b < blocks * BLOCK / lanes; b++)                                       \
                sum[b] = SIMD_LOAD(lanes, begin + b * lanes);                                      \
            for (; rows != 0; rows &= rows - 1) {                                                  \
                size_t i = (size_t)__builtin_ctzll(rows);                                          \
                const simd_##lanes v = SIMD_ALL(lanes, f->table[f->x[i].value[f->first + c]]);     \
                const float *dy = f->dy + i * f->ld;                                               \
                SIMD_UNROLL                                                                        \
                for (int b = 0; b < blocks * BLOCK / lanes; b++) {                                 \
                    const simd_##lanes x = SIMD_LOAD(lanes, dy + b * lanes);                       \
                    SIMD_FMA(lanes, sum[b], v, x);                                                 \
                }                                                                                  \
            }                                                                                      \
            SIMD_UNROLL                                                                            \
            for (int b = 0; b < blocks * BLOCK / lanes; b++)                                       \
                SIMD_STORE(lanes, dw + b * lanes, sum[b]);                                         \
        }                                                                                          \
    }
#define BACKWARD_8(lanes) EIGHT(BACKWARD, lanes)
SIMD_FOR_LEVELS(BACKWARD_8)

/* What is there and the base, where both count. */
static void add_base(const struct sparse_product *p)
{
    for (size_t c = 0; c < p->columns; c++)
        for (size_t j = 0; j < p->width; j++)
            p->result[c * p->ld + j] += p->base[j];
}

/* The 64 columns of one word of the masks, of at most WORD rows from `row` on. The base comes in
 * with the first rows, where nothing is added to. */
static void word_gradient(const struct shared *s, size_t row, size_t word)
{
    static void (*const kernels[][TILE])(const struct backward *) = KERNELS(backward);
    const struct sparse_product *p = &s->p;
    uint64_t rows[WORD] = {0};
    size_t first = word * WORD, n = p->n - row < WORD ? p->n - row : WORD;
    const float *base = row == 0 && !p->accumulate ? p->base : NULL;
    for (size_t i = 0; i < n; i++)
        rows[i] = p->x[row + i].mask[word];
    transpose_bits(rows);
    for (size_t left = p->width / BLOCK, at = 0; left > 0;) {
        size_t blocks = left < most_blocks() ? left : most_blocks();
        struct backward f = {.x = p->x + row,
                             .rows = rows,
                             .first = first,
                             .columns = p->columns - first < WORD ? p->columns - first : WORD,
                             .ld = p->ld,
                             .table = s->table,
                             .dy = p->right + row * p->ld + at,
                             .base = base ? base + at : NULL,
                             .dw = p->result + first * p->ld + at};
        kernels[processor_now()][blocks - 1](&f);
        left -= blocks;
        at += blocks * BLOCK;
    }
}

static void share_of_words(void *context, size_t part)
{
    const struct shared *s = context;
    size_t first, count;
    team_share(s->p.team, part, sparse_words(s->p.columns), 1, &first, &count);
    for (size_t row = 0; row < s->p.n; row += WORD)
        for (size_t word = first; word < first + count; word++)
            word_gradient(s, row, word);
}

void sparse_gemm_transposed(const struct sparse_product *p)
{
    struct shared s = share(p);
    if (p->accumulate)
        add_base(p);
    team_run(s.p.team, share_of_words, &s);
}
