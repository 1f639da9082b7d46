/* Muon's first update of matrices larger than one block of its symmetric products, against the
 * equation in double precision. */
#include "check_main.h"
#include "optim/optim.h"
#include "util/mem.h"
#include <math.h>

static const struct tensor_shape shapes[] = {
    {150, 70, 160, 0, 0}, {70, 150, 80, 0, 0}, {130, 130, 144, 0, 0}, {64, 200, 64, 0, 0},
    {65, 64, 80, 0, 0},   {200, 1, 208, 0, 0}, {1, 200, 16, 0, 0},
};

/* C (m x n) = A (m x k) B (k x n) */
static void product(size_t m, size_t n, size_t k, const double *A, const double *B, double *C)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            C[i * n + j] = 0;
            for (size_t l = 0; l < k; l++)
                C[i * n + j] += A[i * k + l] * B[l * n + j];
        }
}

/* X (m x n) = (3.4445 - 4.775 X X' + 2.0315 (X X')^2) X, five times; which side is the shorter
 * makes no difference to X. */
static void newton_schulz(size_t m, size_t n, double *X)
{
    double *T = mem_array(n * m, sizeof *T), *A = mem_array(m * m, sizeof *A),
           *AA = mem_array(m * m, sizeof *AA);
    double *next = mem_array(m * n, sizeof *next);
    for (int step = 0; step < 5; step++) {
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                T[j * m + i] = X[i * n + j];
        product(m, m, n, X, T, A);
        product(m, m, m, A, A, AA);
        for (size_t i = 0; i < m * m; i++)
            A[i] = -4.775 * A[i] + 2.0315 * AA[i] + (i % (m + 1) == 0 ? 3.4445 : 0);
        product(m, n, m, A, X, next);
        for (size_t i = 0; i < m * n; i++)
            X[i] = next[i];
    }
    mem_free(T);
    mem_free(A);
    mem_free(AA);
    mem_free(next);
}

/* size: 1, or so small that the 1e-7 beside the norm matters */
static float gradient(double size, size_t row, size_t col)
{
    return (float)(size * (sin(0.7 * (double)row * (double)(col + 3)) +
                           0.3 * cos((double)(row + 5 * col))));
}

/* What Muon should make of weights 0 at lr 1 without momentum: sqrt(max(1, rows / cols)) NS(g /
 * |g|), rows x cols. */
static double *step_of(const struct tensor_shape *s, double size)
{
    double *X = mem_array(s->rows * s->cols, sizeof *X), norm = 0,
           scale = sqrt(fmax(1, (double)s->rows / (double)s->cols));
    for (size_t i = 0; i < s->rows * s->cols; i++)
        norm += pow((double)gradient(size, i / s->cols, i % s->cols), 2);
    for (size_t i = 0; i < s->rows * s->cols; i++)
        X[i] = (double)gradient(size, i / s->cols, i % s->cols) / (sqrt(norm) + 1e-7);
    newton_schulz(s->rows, s->cols, X);
    for (size_t i = 0; i < s->rows * s->cols; i++)
        X[i] *= scale;
    return X;
}

static void check(const struct tensor_shape *s, double size, enum gemm_kernel kernel)
{
    struct arena arena;
    struct diags d;
    struct chosen config;
    arena_init(&arena);
    diags_init(&d, &arena);
    ck_assert(kind_parse(&arena, &optim_registry, "{name: muon, lr: 1, momentum: 0}", &d, &config));
    float *w = mem_array(tensor_stored(s), sizeof *w), *g = mem_array(tensor_stored(s), sizeof *g);
    for (size_t r = 0; r < s->rows; r++)
        for (size_t c = 0; c < s->cols; c++)
            g[c * s->ld + r] = gradient(size, r, c);
    struct optim *o = optim_new(
        &config,
        &(struct optim_tensor){.name = "w", .w = w, .g = g, .shape = *s, .role = TENSOR_HIDDEN}, 1);
    optim_use_matmul(o, &(struct matmul){.kernel = kernel});
    optim_step(o, 1, 0, 0);
    double *X = step_of(s, size);
    for (size_t c = 0; c < s->cols; c++)
        for (size_t r = 0; r < s->ld; r++)
            ck_assert_double_eq_tol((double)w[c * s->ld + r], r < s->rows ? -X[r * s->cols + c] : 0,
                                    1e-5);
    optim_free(o);
    mem_free(w);
    mem_free(g);
    mem_free(X);
    arena_fini(&arena);
}

START_TEST(test_own_kernel)
{
    check(&shapes[_i], 1, gemm_best());
}
END_TEST

START_TEST(test_blas)
{
    check(&shapes[_i], 1, GEMM_NONE);
}
END_TEST

START_TEST(test_tiny_gradients)
{
    check(&shapes[_i], 1e-10, gemm_best());
}
END_TEST

int main(void)
{
    Suite *s = suite_create("muon");
    TCase *c = tcase_create("Newton-Schulz");
    tcase_add_loop_test(c, test_own_kernel, 0, (int)(sizeof shapes / sizeof *shapes));
    tcase_add_loop_test(c, test_tiny_gradients, 0, (int)(sizeof shapes / sizeof *shapes));
    tcase_add_loop_test(c, test_blas, 0, (int)(sizeof shapes / sizeof *shapes));
    suite_add_tcase(s, c);
    return check_main(s);
}
