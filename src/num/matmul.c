#include "num/matmul.h"
#include "num/blas.h"
#include "num/tensor.h"
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

/* C is S first, to which BLAS adds. */
static void by_blas(const struct product *p)
{
    size_t padding = tensor_pad(p->n) - p->n;
    for (size_t i = 0; p->start && p->start != p->c && i < p->m; i++)
        memcpy(p->c + i * p->ldc, p->start + i * p->start_ld, (p->n + padding) * sizeof(float));
    for (size_t i = 0; !p->start && padding > 0 && i < p->m; i++)
        memset(p->c + i * p->ldc + p->n, 0, padding * sizeof(float));
    blas_gemm(p, 1, p->start ? 1 : 0);
}

static void compute(enum gemm_kernel kernel, const struct product *p)
{
    if (p->m == 0 || p->n == 0)
        return;
    if (kernel == GEMM_NONE)
        by_blas(p);
    else
        gemm(kernel, p);
}

struct job {
    const struct matmul *backend;
    const struct product *p;
};

/* The same product of some rows or columns of C only. */
static void share_of_rows(void *context, size_t part)
{
    const struct job *j = context;
    struct product p = *j->p;
    size_t first;
    team_share(j->backend->team, part, j->p->m, TENSOR_UNIT, &first, &p.m);
    p.a += first * (p.transpose_a ? 1 : p.lda);
    p.c += first * p.ldc;
    if (p.start)
        p.start += first * p.start_ld;
    compute(j->backend->kernel, &p);
}

static void share_of_columns(void *context, size_t part)
{
    const struct job *j = context;
    struct product p = *j->p;
    size_t first;
    team_share(j->backend->team, part, j->p->n, TENSOR_UNIT, &first, &p.n);
    p.b += first * (p.transpose_b ? p.ldb : 1);
    p.c += first;
    if (p.start)
        p.start += first;
    compute(j->backend->kernel, &p);
}

/* Below this a product is over before another thread is awake. */
static const double flops_worth_sharing = 8e6;

void matmul(const struct matmul *backend, const struct product *p)
{
    struct job j = {backend, p};
    if (!backend->team || 2.0 * (double)p->m * (double)p->n * (double)p->k < flops_worth_sharing)
        compute(backend->kernel, p);
    else
        team_run(backend->team, p->m > p->n ? share_of_rows : share_of_columns, &j);
}
