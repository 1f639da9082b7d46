/* A tile of C stays in registers while k goes by: rows x vectors sums, for each k one vector of B
 * each and a number of A to a row. B is taken 256 rows and a tile's width at a time, which stays in
 * the second cache for all rows of A; A and B lie as they are, only a transposed B is turned. */
#include "num/gemm.h"

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

#ifdef __x86_64__
#include <immintrin.h>

/* mm: _mm256 or _mm512. The fused products are asked for by name: every compiler and flag gives the
 * same bits. */
#define KERNEL(processor, mm, type, vectors, rows)                                             \
    __attribute__((target(processor))) static void tile##mm##_##vectors##_##rows(              \
        const struct tile *t)                                                                  \
    {                                                                                          \
        const size_t lanes = sizeof(type) / sizeof(float), a_row = t->a_row,                   \
                     a_step = t->a_step, ldb = t->ldb;                                         \
        const float *a = t->a, *b = t->b;                                                      \
        type sum[rows][vectors];                                                               \
        for (size_t i = 0; i < rows; i++)                                                      \
            for (size_t v = 0; v < vectors; v++)                                               \
                sum[i][v] = t->start ? mm##_loadu_ps(t->start + i * t->start_ld + v * lanes)   \
                                     : mm##_setzero_ps();                                      \
        for (size_t k = t->depth; k > 0; k--, a += a_step, b += ldb) {                         \
            type row[vectors];                                                                 \
            for (size_t v = 0; v < vectors; v++)                                               \
                row[v] = mm##_loadu_ps(b + v * lanes);                                         \
            for (size_t i = 0; i < rows; i++) {                                                \
                const type x = mm##_set1_ps(a[i * a_row]);                                     \
                for (size_t v = 0; v < vectors; v++)                                           \
                    sum[i][v] = mm##_fmadd_ps(x, row[v], sum[i][v]);                           \
            }                                                                                  \
        }                                                                                      \
        for (size_t i = 0; i < rows; i++)                                                      \
            for (size_t v = 0; v < vectors; v++)                                               \
                mm##_storeu_ps(t->c + i * t->ldc + v * lanes, sum[i][v]);                      \
    }

#define AVX2(vectors, rows) KERNEL("avx2,fma", _mm256, __m256, vectors, rows)
#define AVX512(vectors, rows) KERNEL("avx512f,fma", _mm512, __m512, vectors, rows)
#define UP_TO_5(make, v) make(v, 1) make(v, 2) make(v, 3) make(v, 4) make(v, 5)
#define UP_TO_6(make, v) UP_TO_5(make, v) make(v, 6)
#define UP_TO_8(make, v) UP_TO_6(make, v) make(v, 7) make(v, 8)
#define UP_TO_12(make, v) UP_TO_8(make, v) make(v, 9) make(v, 10) make(v, 11) make(v, 12)
UP_TO_6(AVX2, 2)
UP_TO_12(AVX512, 1)
UP_TO_12(AVX512, 2)
UP_TO_8(AVX512, 3)
UP_TO_6(AVX512, 4)
UP_TO_5(AVX512, 5)

#define NAME_8(v, r) tile_mm256_##v##_##r,
#define NAME_16(v, r) tile_mm512_##v##_##r,
static const struct level avx2 = {.lanes = 8,
                                  .widest = 2,
                                  .most_rows = {[2] = 6},
                                  .tile = {[2] = {NULL, UP_TO_6(NAME_8, 2)}}};
static const struct level avx512 = {.lanes = 16,
                                    .widest = 5,
                                    .most_rows = {0, 12, 12, 8, 6, 5},
                                    .tile = {[1] = {NULL, UP_TO_12(NAME_16, 1)},
                                             [2] = {NULL, UP_TO_12(NAME_16, 2)},
                                             [3] = {NULL, UP_TO_8(NAME_16, 3)},
                                             [4] = {NULL, UP_TO_6(NAME_16, 4)},
                                             [5] = {NULL, UP_TO_5(NAME_16, 5)}}};

static const struct level *const levels[] = {[GEMM_AVX2] = &avx2, [GEMM_AVX512] = &avx512};

enum gemm_kernel gemm_best(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        return GEMM_AVX512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? GEMM_AVX2
                                                                           : GEMM_NONE;
}

#else

static const struct level *const levels[] = {[GEMM_AVX512] = NULL};

enum gemm_kernel gemm_best(void)
{
    return GEMM_NONE;
}

#endif

/* Vectors of the next tile: all that are left, or else as many as leave no narrow one behind. */
static size_t next_width(const struct level *l, size_t left)
{
    if (left <= l->widest)
        return left;
    return l->widest < WIDEST ? l->widest : left == 6 ? 3 : 4;
}

typedef float four __attribute__((vector_size(16), may_alias, aligned(4)));
#define FOUR(p) (*(const four *)(const void *)(p))
#define STORE_FOUR(p, v) (*(four *)(void *)(p) = (v))

/* A 4 x 4 block. */
static void turn_block(const float *b, size_t ldb, float *ret, size_t width)
{
    four a = FOUR(b), c = FOUR(b + ldb), d = FOUR(b + 2 * ldb), e = FOUR(b + 3 * ldb);
    four ac = __builtin_shufflevector(a, c, 0, 4, 1, 5),
         ac_high = __builtin_shufflevector(a, c, 2, 6, 3, 7);
    four de = __builtin_shufflevector(d, e, 0, 4, 1, 5),
         de_high = __builtin_shufflevector(d, e, 2, 6, 3, 7);
    STORE_FOUR(ret, __builtin_shufflevector(ac, de, 0, 1, 4, 5));
    STORE_FOUR(ret + width, __builtin_shufflevector(ac, de, 2, 3, 6, 7));
    STORE_FOUR(ret + 2 * width, __builtin_shufflevector(ac_high, de_high, 0, 1, 4, 5));
    STORE_FOUR(ret + 3 * width, __builtin_shufflevector(ac_high, de_high, 2, 3, 6, 7));
}

/* Some columns of op(B), rows of B, turned: depth x width floats, past the columns that are there
 * 0. */
static void turn(const float *b, size_t ldb, size_t columns, size_t width, size_t depth,
                 float *ret)
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

void gemm(enum gemm_kernel kernel, bool transpose_a, bool transpose_b, size_t m, size_t n,
          size_t k, const float *a, size_t lda, const float *b, size_t ldb, const float *start,
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
