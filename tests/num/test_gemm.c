/* Every kernel that this processor has, against the definition: a chain of fused multiply-adds in
 * the order of k, bit for bit. */
#include "check_main.h"
#include "num/gemm.h"
#include "num/random.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

enum { GUARD = 64 };

static void fill(float *v, size_t n, struct rng *r)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (float)(rng_uniform(r) - 0.5);
}

static size_t in(struct rng *r, size_t from, size_t to)
{
    return from + (size_t)(rng_uniform(r) * (double)(to - from + 1));
}

static size_t padded(size_t n)
{
    return (n + 15) / 16 * 16;
}

enum start { ZERO, ROW, THERE, STARTS };

struct product {
    enum gemm_kernel kernel;
    bool ta, tb;
    enum start start;
    size_t m, n, k, lda, ldb, ldc;
};

static float expected(const struct product *p, const float *a, const float *b, float sum, size_t i,
                      size_t j)
{
    for (size_t k = 0; k < p->k; k++)
        sum = fmaf(p->ta ? a[k * p->lda + i] : a[i * p->lda + k],
                   p->tb ? (j < p->n ? b[j * p->ldb + k] : 0) : b[k * p->ldb + j], sum);
    return sum;
}

static void check_product(const struct product *p, struct rng *r)
{
    size_t a_size = (p->ta ? p->k : p->m) * p->lda, b_size = (p->tb ? p->n : p->k) * p->ldb,
           c_size = p->m * p->ldc;
    float *a = mem_array(a_size, sizeof *a), *b = mem_array(b_size, sizeof *b),
          *c = mem_array(c_size + GUARD, sizeof *c);
    float *before = mem_array(c_size + GUARD, sizeof *before),
          *row = mem_array(p->ldc, sizeof *row);
    fill(a, a_size, r);
    fill(b, b_size, r);
    fill(c, c_size + GUARD, r);
    fill(row, p->ldc, r);
    memcpy(before, c, (c_size + GUARD) * sizeof *c);
    gemm(p->kernel, p->ta, p->tb, p->m, p->n, p->k, a, p->lda, b, p->ldb,
         p->start == ZERO  ? NULL
         : p->start == ROW ? row
                           : c,
         p->start == ROW ? 0 : p->ldc, c, p->ldc);
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->ldc; j++) {
            float was = before[i * p->ldc + j], from = p->start == ZERO  ? 0
                                                       : p->start == ROW ? row[j]
                                                                         : was;
            float want = j < padded(p->n) ? expected(p, a, b, from, i, j) : was;
            ck_assert_mem_eq(&c[i * p->ldc + j], &want, sizeof want);
        }
    ck_assert_mem_eq(c + c_size, before + c_size, GUARD * sizeof *c);
    float *all[] = {a, b, c, before, row};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        mem_free(all[i]);
}

static struct product product_of(struct rng *r, size_t m, size_t n, size_t k)
{
    struct product p = {.ta = rng_uniform(r) < 0.5,
                        .tb = rng_uniform(r) < 0.5,
                        .start = (enum start)in(r, 0, STARTS - 1),
                        .m = m,
                        .n = n,
                        .k = k};
    p.lda = (p.ta ? m : k) + in(r, 0, 5);
    p.ldb = p.tb ? k + in(r, 0, 5) : padded(n) + in(r, 0, 2) * 16;
    p.ldc = padded(n) + in(r, 0, 2) * 16;
    return p;
}

/* Every number of rows and columns up to the largest tiles and past them, all four forms among
 * them. */
START_TEST(small_products_are_exact)
{
    struct rng r = rng_stream(11, RNG_TEST, 1, 0);
    for (size_t m = 1; m <= 26; m++)
        for (size_t n = 1; n <= 200; n += n < 4 ? 1 : 7) {
            struct product p = product_of(&r, m, n, in(&r, 1, 20));
            for (p.kernel = GEMM_BASELINE; p.kernel <= gemm_best(); p.kernel++)
                check_product(&p, &r);
        }
}
END_TEST

/* More than one depth of B, and widths of many tiles. */
START_TEST(large_products_are_exact)
{
    struct rng r = rng_stream(12, RNG_TEST, 1, (uint32_t)_i);
    for (int i = 0; i < 12; i++) {
        struct product p = product_of(&r, in(&r, 1, 70), in(&r, 1, 300), in(&r, 200, 800));
        for (p.kernel = GEMM_BASELINE; p.kernel <= gemm_best(); p.kernel++)
            check_product(&p, &r);
    }
}
END_TEST

/* A row of C is what it is alone, whatever the others: an image's result does not depend on its
 * batch. */
START_TEST(a_row_depends_on_its_own_alone)
{
    enum { ROWS = 37, K = 300, N = 112 };
    static float a[ROWS * K], b[K * N], all[ROWS * N], one[N];
    struct rng r = rng_stream(13, RNG_TEST, 1, 0);
    fill(a, ROWS * K, &r);
    fill(b, K * N, &r);
    for (enum gemm_kernel kernel = GEMM_BASELINE; kernel <= gemm_best(); kernel++) {
        gemm(kernel, false, false, ROWS, N, K, a, K, b, N, NULL, 0, all, N);
        for (size_t i = 0; i < ROWS; i++) {
            gemm(kernel, false, false, 1, N, K, a + i * K, K, b, N, NULL, 0, one, N);
            ck_assert_mem_eq(one, all + i * N, sizeof one);
        }
    }
}
END_TEST

/* The first 64 rows of a batch, then the others on top: the gradient of accumulated batches is that
 * of the whole. */
START_TEST(sums_go_on_where_they_stopped)
{
    enum { M = 50, N = 80, K = 150, FIRST = 64 };
    static float a[K * M], b[K * N], whole[M * N], parts[M * N];
    struct rng r = rng_stream(14, RNG_TEST, 1, 0);
    fill(a, K * M, &r);
    fill(b, K * N, &r);
    for (enum gemm_kernel kernel = GEMM_BASELINE; kernel <= gemm_best(); kernel++) {
        gemm(kernel, true, false, M, N, K, a, M, b, N, NULL, 0, whole, N);
        gemm(kernel, true, false, M, N, FIRST, a, M, b, N, NULL, 0, parts, N);
        gemm(kernel, true, false, M, N, K - FIRST, a + FIRST * M, M, b + FIRST * N, N, parts, N,
             parts, N);
        ck_assert_mem_eq(whole, parts, sizeof whole);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gemm");
    TCase *t = tcase_create("kernels");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, small_products_are_exact);
    tcase_add_loop_test(t, large_products_are_exact, 0, 4);
    tcase_add_test(t, a_row_depends_on_its_own_alone);
    tcase_add_test(t, sums_go_on_where_they_stopped);
    suite_add_tcase(s, t);
    return check_main(s);
}
