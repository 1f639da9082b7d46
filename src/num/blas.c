#include "num/blas.h"
#include <cblas.h>
#include <stdio.h>
#include <string.h>

void blas_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
               size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha, a,
                (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

struct shared {
    const struct team *team;
    bool transpose_a, transpose_b;
    size_t m, n, k, lda, ldb, ldc;
    const float *a, *b;
    float beta, *c;
};

static void share_of_rows(void *context, size_t part)
{
    const struct shared *s = context;
    size_t first, count;
    team_share(s->team, part, s->m, 16, &first, &count);
    if (count > 0)
        blas_gemm(s->transpose_a, s->transpose_b, count, s->n, s->k, 1, s->a + first * (s->transpose_a ? 1 : s->lda), s->lda, s->b,
                  s->ldb, s->beta, s->c + first * s->ldc, s->ldc);
}

static void share_of_columns(void *context, size_t part)
{
    const struct shared *s = context;
    size_t first, count;
    team_share(s->team, part, s->n, 16, &first, &count);
    if (count > 0)
        blas_gemm(s->transpose_a, s->transpose_b, s->m, count, s->k, 1, s->a, s->lda, s->b + first * (s->transpose_b ? s->ldb : 1),
                  s->ldb, s->beta, s->c + first, s->ldc);
}

/* Below this a product is over before another thread is awake. */
static const double flops_worth_sharing = 4e6;

void blas_gemm_shared(struct team *team, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a,
                      size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    struct shared s = {team, transpose_a, transpose_b, m, n, k, lda, ldb, ldc, a, b, beta, c};
    if (!team || 2.0 * (double)m * (double)n * (double)k < flops_worth_sharing)
        blas_gemm(transpose_a, transpose_b, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
    else
        team_run(team, m > n ? share_of_rows : share_of_columns, &s);
}

void blas_use_one_thread(void)
{
    openblas_set_num_threads(1);
}

/* The library's description begins with its name and version: "OpenBLAS 0.3.21 NO_AFFINITY ...". */
void blas_name(char *ret, size_t size)
{
    const char *config = openblas_get_config();
    const char *space = strchr(config, ' ');
    space = space ? strchr(space + 1, ' ') : NULL;
    snprintf(ret, size, "%.*s", space ? (int)(space - config) : (int)strlen(config), config);
}

const char *blas_kernel(void)
{
    return openblas_get_corename();
}

const char *blas_config(void)
{
    return openblas_get_config();
}
