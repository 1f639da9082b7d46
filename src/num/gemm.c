/* A tile of C stays in registers while k goes by: rows x vectors sums, for each k one vector of B
 * each and a number of A to a row. A is taken 128 rows and a depth of 256 at a time, which stays in
 * the second cache while B's columns go by, a tile's width after another. A and B lie as they are
 * where that is near enough; a transposed one is turned, so that a tile reads along memory. */
#include "num/gemm.h"
#include "num/simd.h"
#include <string.h>

enum { UNIT = 16, DEPTH = 256, HIGHEST = 128, WIDEST = 5, MOST_ROWS = 12 };
enum { FAR_APART = 256, COLUMNS_WORTH_TURNING = 128 };

struct tile {
    size_t depth;
    const float *a; /* element (i, k) at i * a_row + k * a_step */
    size_t a_row, a_step;
    const float *b; /* row k at k * ldb */
    size_t ldb;
    const float *start; /* NULL: 0 */
    size_t start_ld;
    float *c;
    size_t ldc;
};

typedef void (*tile_kernel)(const struct tile *t);

/* What a processor has: tiles of up to `widest` vectors of `lanes` floats, most_rows[vectors] rows
 * high. */
struct level {
    size_t lanes, widest, most_rows[WIDEST + 1];
    tile_kernel tile[WIDEST + 1][MOST_ROWS + 1]; /* [vectors][rows] */
};

#define KERNEL(lanes, vectors, rows)                                                               \
    SIMD_TARGET_##lanes static void tile_##lanes##_##vectors##_##rows(const struct tile *t)        \
    {                                                                                              \
        const size_t a_row = t->a_row, a_step = t->a_step, ldb = t->ldb;                           \
        const float *a = t->a, *b = t->b;                                                          \
        simd_##lanes sum[rows][vectors];                                                           \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < rows; i++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            sum[i][v] = t->start ? SIMD_LOAD(lanes, t->start + i * t->start_ld + v * lanes)        \
                                 : (simd_##lanes){0};                                              \
        for (size_t k = t->depth; k > 0; k--, a += a_step, b += ldb) {                             \
            simd_##lanes row[vectors];                                                             \
            SIMD_UNROLL                                                                            \
            for (size_t v = 0; v < vectors; v++)                                                   \
                row[v] = SIMD_LOAD(lanes, b + v * lanes);                                          \
            SIMD_UNROLL                                                                            \
            for (size_t i = 0; i < rows; i++) {                                                    \
                const simd_##lanes x = SIMD_ALL(lanes, a[i * a_row]);                              \
                SIMD_UNROLL                                                                        \
                for (size_t v = 0; v < vectors; v++)                                               \
                    SIMD_FMA(lanes, sum[i][v], x, row[v]);                                         \
            }                                                                                      \
        }                                                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < rows; i++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, t->c + i * t->ldc + v * lanes, sum[i][v]);                           \
    }

#define UP_TO_5(make, l, v) make(l, v, 1) make(l, v, 2) make(l, v, 3) make(l, v, 4) make(l, v, 5)
#define UP_TO_6(make, l, v) UP_TO_5(make, l, v) make(l, v, 6)
#define UP_TO_8(make, l, v) UP_TO_6(make, l, v) make(l, v, 7) make(l, v, 8)
#define UP_TO_12(make, l, v)                                                                       \
    UP_TO_8(make, l, v) make(l, v, 9) make(l, v, 10) make(l, v, 11) make(l, v, 12)
#define NAME(l, v, r) tile_##l##_##v##_##r,

/* 32 registers of 4 floats, as 64-bit ARM has them. */
UP_TO_6(KERNEL, 4, 4)
static const struct level baseline = {
    .lanes = 4, .widest = 4, .most_rows = {[4] = 6}, .tile = {[4] = {NULL, UP_TO_6(NAME, 4, 4)}}};

#if PROCESSOR_HAS_LEVELS
UP_TO_6(KERNEL, 8, 2)
UP_TO_12(KERNEL, 16, 1)
UP_TO_12(KERNEL, 16, 2)
UP_TO_8(KERNEL, 16, 3)
UP_TO_6(KERNEL, 16, 4)
UP_TO_5(KERNEL, 16, 5)

static const struct level avx2 = {
    .lanes = 8, .widest = 2, .most_rows = {[2] = 6}, .tile = {[2] = {NULL, UP_TO_6(NAME, 8, 2)}}};
static const struct level avx512 = {.lanes = 16,
                                    .widest = 5,
                                    .most_rows = {0, 12, 12, 8, 6, 5},
                                    .tile = {[1] = {NULL, UP_TO_12(NAME, 16, 1)},
                                             [2] = {NULL, UP_TO_12(NAME, 16, 2)},
                                             [3] = {NULL, UP_TO_8(NAME, 16, 3)},
                                             [4] = {NULL, UP_TO_6(NAME, 16, 4)},
                                             [5] = {NULL, UP_TO_5(NAME, 16, 5)}}};

static const struct level *const levels[] = {
    [GEMM_BASELINE] = &baseline, [GEMM_AVX2] = &avx2, [GEMM_AVX512] = &avx512};
#else
static const struct level *const levels[] = {[GEMM_BASELINE] = &baseline};
#endif

enum gemm_kernel gemm_best(void)
{
    return (enum gemm_kernel)(GEMM_BASELINE + (int)processor_now());
}

/* Vectors of the next tile: all that are left, or else as many as leave no narrow one behind. */
static size_t next_width(const struct level *l, size_t left)
{
    if (left <= l->widest)
        return left;
    return l->widest < WIDEST ? l->widest : left == 6 ? 3 : 4;
}

#define FOUR(p) SIMD_LOAD(4, p)
#define STORE_FOUR(p, v) SIMD_STORE(4, p, v)

/* A 4 x 4 block. */
static void turn_block(const float *b, size_t ldb, float *ret, size_t width)
{
    simd_4 a = FOUR(b), c = FOUR(b + ldb), d = FOUR(b + 2 * ldb), e = FOUR(b + 3 * ldb);
    simd_4 ac = __builtin_shufflevector(a, c, 0, 4, 1, 5),
           ac_high = __builtin_shufflevector(a, c, 2, 6, 3, 7);
    simd_4 de = __builtin_shufflevector(d, e, 0, 4, 1, 5),
           de_high = __builtin_shufflevector(d, e, 2, 6, 3, 7);
    STORE_FOUR(ret, __builtin_shufflevector(ac, de, 0, 1, 4, 5));
    STORE_FOUR(ret + width, __builtin_shufflevector(ac, de, 2, 3, 6, 7));
    STORE_FOUR(ret + 2 * width, __builtin_shufflevector(ac_high, de_high, 0, 1, 4, 5));
    STORE_FOUR(ret + 3 * width, __builtin_shufflevector(ac_high, de_high, 2, 3, 6, 7));
}

/* Some columns of op(B), rows of B, turned: depth x width floats, past the columns that are there
 * 0. */
static void turn(const float *b, size_t ldb, size_t columns, size_t width, size_t depth, float *ret)
{
    size_t j = 0, k;
    for (; j + 4 <= columns; j += 4) {
        for (k = 0; k + 4 <= depth; k += 4)
            turn_block(b + j * ldb + k, ldb, ret + k * width + j, width);
        for (; k < depth; k++)
            for (size_t i = j; i < j + 4; i++)
                ret[k * width + i] = b[i * ldb + k];
    }
    for (; j < width; j++)
        for (k = 0; k < depth; k++)
            ret[k * width + j] = j < columns ? b[j * ldb + k] : 0;
}

/* ---- blocks ---- */

/* Some rows of A and C and some depth: what the tiles of a product share. */
struct block {
    const struct product *p;
    const struct level *level;
    size_t at, depth;   /* of k */
    size_t first, rows; /* of C */
    const float *a;     /* element (i, k) of these rows and this depth at i * a_row + k * a_step */
    size_t a_row, a_step;
};

/* A transposed A has a line of memory, often a page, for each k: many columns pay for its
 * turning. */
static bool turns_a(const struct product *p)
{
    return p->transpose_a && p->n >= COLUMNS_WORTH_TURNING;
}

static void begin_block(struct block *b, float *room)
{
    const struct product *p = b->p;
    b->a_row = p->transpose_a ? 1 : p->lda;
    b->a_step = p->transpose_a ? p->lda : 1;
    b->a = p->a + b->first * b->a_row + b->at * b->a_step;
    if (!turns_a(p))
        return;
    turn(b->a, p->lda, b->depth, b->depth, b->rows, room);
    b->a = room;
    b->a_row = b->depth;
    b->a_step = 1;
}

static void copy_columns(const float *b, size_t ldb, size_t width, size_t depth, float *ret)
{
    for (size_t k = 0; k < depth; k++, b += ldb, ret += width)
        for (size_t j = 0; j < width; j += UNIT)
            memcpy(ret + j, b + j, UNIT * sizeof *ret);
}

/* B's part of some columns for the tiles: as it is, or close together in `room` where it is
 * transposed, or where its rows lie far apart and many tiles use it. */
static void find_columns(const struct block *b, size_t column, size_t width, float *room,
                         struct tile *t)
{
    const struct product *p = b->p;
    const float *from = p->b + b->at * p->ldb + column;
    t->b = room;
    t->ldb = width;
    if (p->transpose_b) {
        turn(p->b + column * p->ldb + b->at, p->ldb, p->n - column < width ? p->n - column : width,
             width, b->depth, room);
    } else if (p->m > HIGHEST && p->ldb >= FAR_APART) {
        copy_columns(from, p->ldb, width, b->depth, room);
    } else {
        t->b = from;
        t->ldb = p->ldb;
    }
}

static void run_columns(const struct block *b, size_t column, size_t vectors, float *room)
{
    const struct product *p = b->p;
    const struct level *l = b->level;
    size_t most = l->most_rows[vectors];
    struct tile t = {.depth = b->depth,
                     .a_row = b->a_row,
                     .a_step = b->a_step,
                     .start_ld = b->at > 0 ? p->ldc : p->start_ld,
                     .ldc = p->ldc};
    find_columns(b, column, vectors * l->lanes, room, &t);
    size_t parts = (b->rows + most - 1) / most;
    for (size_t part = 0, row = 0, next; part < parts; part++, row = next) {
        size_t c = b->first + row;
        next = b->rows * (part + 1) / parts;
        t.a = b->a + row * b->a_row;
        t.c = p->c + c * p->ldc + column;
        t.start = b->at > 0 ? t.c : p->start ? p->start + c * p->start_ld + column : NULL;
        l->tile[vectors][next - row](&t);
    }
}

void gemm(enum gemm_kernel kernel, const struct product *p)
{
    float of_a[HIGHEST * DEPTH] __attribute__((aligned(64))),
        of_b[DEPTH * WIDEST * UNIT] __attribute__((aligned(64)));
    struct block b = {.p = p, .level = levels[kernel]};
    size_t all = (p->n + UNIT - 1) / UNIT * UNIT / b.level->lanes,
           blocks = (p->m + HIGHEST - 1) / HIGHEST;
    for (b.at = 0; b.at < p->k; b.at += DEPTH) {
        b.depth = p->k - b.at < DEPTH ? p->k - b.at : DEPTH;
        for (size_t i = 0; i < blocks; i++) {
            b.first = p->m * i / blocks;
            b.rows = p->m * (i + 1) / blocks - b.first;
            begin_block(&b, of_a);
            for (size_t left = all, vectors; left > 0; left -= vectors) {
                vectors = next_width(b.level, left);
                run_columns(&b, (all - left) * b.level->lanes, vectors, of_b);
            }
        }
    }
}
