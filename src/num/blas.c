#include "num/blas.h"
#include <cblas.h>
#include <stdio.h>
#include <string.h>

void blas_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha,
               const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
               size_t ldc)
{
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha,
                a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void blas_use_one_thread(void)
{
    if (openblas_get_num_threads() != 1) /* after a fork, setting it starts the threads again */
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
