/* Eigenvectors and orthonormal rows: by what they must satisfy, in double. */
#include "check_main.h"
#include "digest.h"
#include "num/orthogonal.h"
#include "num/random.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void check_orthonormal(size_t n, const double *z)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++)
            ck_assert_double_eq_tol(dot(z + i * n, z + k * n, n), i == k, 1e-12);
}

/* Sums of `rank` outer products, of sizes from 1 to 1e-6. */
static double *matrix(size_t n, size_t rank)
{
    double *a = mem_array(n * n, sizeof *a);
    for (size_t r = 0; r < rank; r++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n; k++)
                a[i * n + k] += pow(10, -6.0 * (double)r / (double)n) *
                                sin(1.3 * (double)((r + 1) * (i + 2))) *
                                sin(1.3 * (double)((r + 1) * (k + 2)));
    return a;
}

static const struct {
    size_t n, rank;
} sizes[] = {{1, 1}, {2, 2}, {2, 1}, {7, 7}, {7, 3}, {16, 16}, {33, 33}, {40, 11}, {9, 0}};

START_TEST(test_eigen)
{
    size_t n = sizes[_i].n;
    double *a = matrix(n, sizes[_i].rank), *copy = mem_array(n * n, sizeof *copy),
           *z = mem_array(n * n, sizeof *z), *values = mem_array(n, sizeof *values),
           *work = mem_array(orthogonal_work(n), sizeof *work), largest = 0;
    memcpy(copy, a, n * n * sizeof *a);
    orthogonal_eigen(n, copy, z, values, work);
    check_orthonormal(n, z);
    for (size_t i = 0; i < n * n; i++)
        largest = fmax(largest, fabs(a[i]));
    for (size_t j = 0; j < n; j++) {
        ck_assert(j == 0 || values[j] <= values[j - 1]);
        for (size_t i = 0; i < n; i++) /* A z = value z */
            ck_assert_double_eq_tol(dot(a + i * n, z + j * n, n), values[j] * z[j * n + i],
                                    1e-13 * (double)n * largest + 1e-300);
    }
    mem_free(a);
    mem_free(copy);
    mem_free(z);
    mem_free(values);
    mem_free(work);
}
END_TEST

/* A diagonal matrix with equal values, whose vectors are the unit vectors, the first first. */
START_TEST(test_equal_values)
{
    double a[16] = {[0] = 2, [5] = 5, [10] = 2, [15] = 5}, z[16], values[4], work[64];
    static const size_t unit[] = {1, 3, 0, 2};
    ck_assert(orthogonal_work(4) <= 64);
    orthogonal_eigen(4, a, z, values, work);
    for (size_t j = 0; j < 4; j++)
        for (size_t i = 0; i < 4; i++)
            ck_assert_double_eq(fabs(z[j * 4 + i]), i == unit[j]);
}
END_TEST

START_TEST(test_rows)
{
    enum { N = 6 };
    double q[N * N], before[N * N], work[N * N + 3 * N];
    for (size_t i = 0; i < N * N; i++)
        before[i] = q[i] = sin((double)(i * i + 1));
    orthogonal_rows(N, q, NULL, 1e-9, work);
    check_orthonormal(N, q);
    for (size_t i = 0; i < N; i++) { /* row i of before is made of rows 0 to i, its own forward */
        ck_assert_double_gt(dot(before + i * N, q + i * N, N), 0);
        for (size_t k = i + 1; k < N; k++)
            ck_assert_double_eq_tol(dot(before + i * N, q + k * N, N), 0, 1e-12);
    }
}
END_TEST

/* Rows that say nothing: unit vectors, or those of before, and the others stay as they are. */
START_TEST(test_lost_rows)
{
    enum { N = 4 };
    double root = sqrt(0.5), work[N * N + 3 * N];
    double q[N * N] = {[1] = 3, [12] = 1, [15] = 1}, none[N * N] = {0};
    double instead[N * N] = {[0] = 1,        [5] = 1,         [8 + 2] = root,
                             [8 + 3] = root, [12 + 2] = root, [12 + 3] = -root};
    double again[N * N];
    memcpy(again, q, sizeof q);
    orthogonal_rows(N, q, NULL, 1e-6, work);
    check_orthonormal(N, q);
    ck_assert_double_eq_tol(q[1], 1, 1e-15);     /* row 0 */
    ck_assert_double_eq_tol(q[12], root, 1e-15); /* row 3 */
    ck_assert_double_eq_tol(q[15], root, 1e-15);
    ck_assert_double_eq_tol(q[4 + 2], 1, 1e-15); /* nobody has it */
    orthogonal_rows(N, again, instead, 1e-6, work);
    check_orthonormal(N, again);
    /* row 1 would be row 0 again, row 2 is what the others leave of its own */
    ck_assert_double_eq_tol(again[4 + 2], 1, 1e-15);
    ck_assert_double_eq_tol(again[8 + 3], root, 1e-15);
    ck_assert_double_eq_tol(again[8 + 0], -root, 1e-15);
    orthogonal_rows(N, none, NULL, 0, work);
    for (size_t i = 0; i < N * N; i++)
        ck_assert_double_eq(none[i], i % (N + 1) == 0);
}
END_TEST

/* In double, where nothing hides another order of a sum; another digest is another version of
 * results. */
START_TEST(test_bits)
{
    enum { N = 27 };
    double *a = mem_array(N * N, sizeof *a), *z = mem_array(N * N, sizeof *z),
           *values = mem_array(N, sizeof *values),
           *work = mem_array(orthogonal_work(N), sizeof *work);
    struct rng r = rng_stream(36, RNG_TEST, 1, 0);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k <= i; k++)
            a[i * N + k] = a[k * N + i] = rng_uniform(&r) - 0.5;
    orthogonal_eigen(N, a, z, values, work);
    uint64_t digest =
        digest_add(digest_add(DIGEST_BEGIN, z, N * N * sizeof *z), values, N * sizeof *values);
    ck_assert_msg(digest == 0x8876ecb384724680u, "eigenvectors have digest %#llx",
                  (unsigned long long)digest);
    for (size_t i = 0; i < N * N; i++)
        a[i] = rng_uniform(&r) - 0.5;
    orthogonal_rows(N, a, NULL, 1e-9, work);
    digest = digest_add(DIGEST_BEGIN, a, N * N * sizeof *a);
    ck_assert_msg(digest == 0xaac65485ef7aff75u, "rows have digest %#llx",
                  (unsigned long long)digest);
    mem_free(a);
    mem_free(z);
    mem_free(values);
    mem_free(work);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("orthogonal");
    TCase *c = tcase_create("orthogonal");
    tcase_add_loop_test(c, test_eigen, 0, (int)(sizeof sizes / sizeof *sizes));
    tcase_add_test(c, test_equal_values);
    tcase_add_test(c, test_rows);
    tcase_add_test(c, test_lost_rows);
    tcase_add_test(c, test_bits);
    suite_add_tcase(s, c);
    return check_main(s);
}
