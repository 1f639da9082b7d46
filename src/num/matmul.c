#include "num/matmul.h"
#include "num/blas.h"
#include <string.h>

const char *matmul_name(enum gemm_kernel kernel)
{
#ifdef __aarch64__
    static const char *const names[] = {"blas", "neon"};
#else
    static const char *const names[] = {"blas", "baseline", "avx2", "avx512"};
#endif
    return names[kernel];
}

struct product {
    const struct team *team;
    enum gemm_kernel kernel;
    bool transpose_a, transpose_b;
    size_t m, n, k;
    const float *a;
    size_t lda;
    const float *b;
    size_t ldb;
    const float *start;
    size_t start_ld;
    float *c;
    size_t ldc;
};

static void by_blas(const struct product *p)
{
    size_t padding = (16 - p->n % 16) % 16;
    for (size_t i = 0; p->start && p->start != p->c && i < p->m; i++)
        memcpy(p->c + i * p->ldc, p->start + i * p->start_ld, (p->n + padding) * sizeof(float));
    for (size_t i = 0; !p->start && padding > 0 && i < p->m; i++)
        memset(p->c + i * p->ldc + p->n, 0, padding * sizeof(float));
    blas_gemm(p->transpose_a, p->transpose_b, p->m, p->n, p->k, 1, p->a, p->lda, p->b, p->ldb,
              p->start ? 1 : 0, p->c, p->ldc);
}

static void compute(const struct product *p)
{
    if (p->m == 0 || p->n == 0)
        return;
    if (p->kernel == GEMM_NONE)
        by_blas(p);
    else
        gemm(p->kernel, p->transpose_a, p->transpose_b, p->m, p->n, p->k, p->a, p->lda, p->b,
             p->ldb, p->start, p->start_ld, p->c, p->ldc);
}

/* The same product of some rows or columns of C only. */
static void share_of_rows(void *context, size_t part)
{
    struct product p = *(const struct product *)context;
    size_t first, count;
    team_share(p.team, part, p.m, 16, &first, &count);
    p.m = count;
    p.a += first * (p.transpose_a ? 1 : p.lda);
    p.c += first * p.ldc;
    if (p.start)
        p.start += first * p.start_ld;
    compute(&p);
}

static void share_of_columns(void *context, size_t part)
{
    struct product p = *(const struct product *)context;
    size_t first, count;
    team_share(p.team, part, p.n, 16, &first, &count);
    p.n = count;
    p.b += first * (p.transpose_b ? p.ldb : 1);
    p.c += first;
    if (p.start)
        p.start += first;
    compute(&p);
}

/* Below this a product is over before another thread is awake. */
static const double flops_worth_sharing = 8e6;

void matmul(const struct matmul *how, bool transpose_a, bool transpose_b, size_t m, size_t n,
            size_t k, const float *a, size_t lda, const float *b, size_t ldb, const float *start,
            size_t start_ld, float *c, size_t ldc)
{
    struct product p = {how->team, how->kernel, transpose_a, transpose_b, m,        n, k,  a,
                        lda,       b,           ldb,         start,       start_ld, c, ldc};
    if (!how->team || 2.0 * (double)m * (double)n * (double)k < flops_worth_sharing)
        compute(&p);
    else
        team_run(how->team, m > n ? share_of_rows : share_of_columns, &p);
}
