/* A tile of C stays in registers while k goes by: rows x vectors sums, for each k one vector of B
 * each and a number of A to a row. B is taken 256 rows and a tile's width at a time, which stays in
 * the second cache for all rows of A; A and B lie as they are, only a transposed B is turned. */
#include "num/gemm.h"
#include "num/simd.h"

enum { UNIT = 16, DEPTH = 256, WIDEST = 5, MOST_ROWS = 12 };

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

void gemm(enum gemm_kernel kernel, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
          const float *a, size_t lda, const float *b, size_t ldb, const float *start,
          size_t start_ld, float *c, size_t ldc)
{
    const struct level *l = levels[kernel];
    size_t a_row = transpose_a ? 1 : lda, a_step = transpose_a ? lda : 1;
    float turned[DEPTH * WIDEST * UNIT] __attribute__((aligned(64)));
    for (size_t at = 0; at < k; at += DEPTH) {
        size_t depth = k - at < DEPTH ? k - at : DEPTH,
               left = (n + UNIT - 1) / UNIT * UNIT / l->lanes;
        for (size_t column = 0, vectors, width; left > 0; left -= vectors, column += width) {
            vectors = next_width(l, left);
            width = vectors * l->lanes;
            if (transpose_b)
                turn(b + column * ldb + at, ldb, n - column < width ? n - column : width, width,
                     depth, turned);
            size_t parts = (m + l->most_rows[vectors] - 1) / l->most_rows[vectors];
            for (size_t part = 0, row = 0, next; part < parts; part++, row = next) {
                next = m * (part + 1) / parts;
                struct tile t = {.depth = depth,
                                 .a = a + row * a_row + at * a_step,
                                 .a_row = a_row,
                                 .a_step = a_step,
                                 .b = transpose_b ? turned : b + at * ldb + column,
                                 .ldb = transpose_b ? width : ldb,
                                 .start = at > 0  ? c + row * ldc + column
                                          : start ? start + row * start_ld + column
                                                  : NULL,
                                 .start_ld = at > 0 ? ldc : start_ld,
                                 .c = c + row * ldc + column,
                                 .ldc = ldc};
                l->tile[vectors][next - row](&t);
            }
        }
    }
}
