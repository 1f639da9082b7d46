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

struct form {
    enum gemm_kernel kernel;
    enum start start;
    struct product p; /* without its matrices */
};

static float expected(const struct product *p, const float *a, const float *b, float sum, size_t i,
                      size_t j)
{
    for (size_t k = 0; k < p->k; k++)
        sum = fmaf(p->transpose_a ? a[k * p->lda + i] : a[i * p->lda + k],
                   p->transpose_b ? (j < p->n ? b[j * p->ldb + k] : 0) : b[k * p->ldb + j], sum);
    return sum;
}

static void check_product(const struct form *f, struct rng *r)
{
    const struct product *p = &f->p;
    size_t a_size = (p->transpose_a ? p->k : p->m) * p->lda,
           b_size = (p->transpose_b ? p->n : p->k) * p->ldb, c_size = p->m * p->ldc;
    float *a = mem_array(a_size, sizeof *a), *b = mem_array(b_size, sizeof *b),
          *c = mem_array(c_size + GUARD, sizeof *c);
    float *before = mem_array(c_size + GUARD, sizeof *before),
          *row = mem_array(p->ldc, sizeof *row);
    fill(a, a_size, r);
    fill(b, b_size, r);
    fill(c, c_size + GUARD, r);
    fill(row, p->ldc, r);
    memcpy(before, c, (c_size + GUARD) * sizeof *c);
    struct product whole = *p;
    whole.a = a;
    whole.b = b;
    whole.c = c;
    whole.start = f->start == ZERO ? NULL : f->start == ROW ? row : c;
    whole.start_ld = f->start == ROW ? 0 : p->ldc;
    gemm(f->kernel, &whole);
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->ldc; j++) {
            float was = before[i * p->ldc + j], from = f->start == ZERO  ? 0
                                                       : f->start == ROW ? row[j]
                                                                         : was;
            float want = j < padded(p->n) ? expected(p, a, b, from, i, j) : was;
            ck_assert_mem_eq(&c[i * p->ldc + j], &want, sizeof want);
        }
    ck_assert_mem_eq(c + c_size, before + c_size, GUARD * sizeof *c);
    float *all[] = {a, b, c, before, row};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        mem_free(all[i]);
}

static struct form form_of(struct rng *r, size_t m, size_t n, size_t k)
{
    struct form f = {.start = (enum start)in(r, 0, STARTS - 1),
                     .p = {.transpose_a = rng_uniform(r) < 0.5,
                           .transpose_b = rng_uniform(r) < 0.5,
                           .m = m,
                           .n = n,
                           .k = k}};
    f.p.lda = (f.p.transpose_a ? m : k) + in(r, 0, 5);
    f.p.ldb = f.p.transpose_b ? k + in(r, 0, 5) : padded(n) + in(r, 0, 2) * 16;
    f.p.ldc = padded(n) + in(r, 0, 2) * 16;
    return f;
}

/* Every number of rows and columns up to the largest tiles and past them, all four forms among
 * them. */
START_TEST(small_products_are_exact)
{
    struct rng r = rng_stream(11, RNG_TEST, 1, 0);
    for (size_t m = 1; m <= 26; m++)
        for (size_t n = 1; n <= 200; n += n < 4 ? 1 : 7) {
            struct form f = form_of(&r, m, n, in(&r, 1, 20));
            for (f.kernel = GEMM_BASELINE; f.kernel <= gemm_best(); f.kernel++)
                check_product(&f, &r);
        }
}
END_TEST

/* More than one depth of B, and widths of many tiles. */
START_TEST(large_products_are_exact)
{
    struct rng r = rng_stream(12, RNG_TEST, 1, (uint32_t)_i);
    for (int i = 0; i < 12; i++) {
        struct form f = form_of(&r, in(&r, 1, 70), in(&r, 1, 300), in(&r, 200, 800));
        for (f.kernel = GEMM_BASELINE; f.kernel <= gemm_best(); f.kernel++)
            check_product(&f, &r);
    }
}
END_TEST

/* Several blocks of rows of A, wide enough that a transposed A is turned, B's rows far apart. */
START_TEST(tall_products_are_exact)
{
    struct rng r = rng_stream(15, RNG_TEST, 1, (uint32_t)_i);
    for (int i = 0; i < 2; i++) {
        struct form f = form_of(&r, in(&r, 129, 140), in(&r, 129, 150), in(&r, 1, 40));
        f.p.transpose_a = i & 1;
        f.p.lda = (f.p.transpose_a ? f.p.m : f.p.k) + in(&r, 0, 5);
        f.p.ldb += f.p.transpose_b ? 0 : 160;
        for (f.kernel = GEMM_BASELINE; f.kernel <= gemm_best(); f.kernel++)
            check_product(&f, &r);
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
        struct product p = {
            .m = ROWS, .n = N, .k = K, .a = a, .lda = K, .b = b, .ldb = N, .c = all, .ldc = N};
        gemm(kernel, &p);
        p.m = 1;
        p.c = one;
        for (size_t i = 0; i < ROWS; i++) {
            p.a = a + i * K;
            gemm(kernel, &p);
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
        struct product p = {.transpose_a = true, .m = M, .n = N, .k = K, .ldc = N};
        p.a = a;
        p.lda = M;
        p.b = b;
        p.ldb = p.start_ld = N;
        p.c = whole;
        gemm(kernel, &p);
        p.k = FIRST;
        p.c = parts;
        gemm(kernel, &p);
        p.k = K - FIRST;
        p.a = a + FIRST * M;
        p.b = b + FIRST * N;
        p.start = parts;
        gemm(kernel, &p);
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
    tcase_add_loop_test(t, tall_products_are_exact, 0, 4);
    tcase_add_loop_test(t, large_products_are_exact, 0, 4);
    tcase_add_test(t, a_row_depends_on_its_own_alone);
    tcase_add_test(t, sums_go_on_where_they_stopped);
    suite_add_tcase(s, t);
    return check_main(s);
}
