#include "num/blas.h"
#include <cblas.h>
#include <stdio.h>
#include <string.h>

void blas_gemm(const struct product *p, float alpha, float beta)
{
    cblas_sgemm(CblasRowMajor, p->transpose_a ? CblasTrans : CblasNoTrans,
                p->transpose_b ? CblasTrans : CblasNoTrans, (blasint)p->m, (blasint)p->n,
                (blasint)p->k, alpha, p->a, (blasint)p->lda, p->b, (blasint)p->ldb, beta, p->c,
                (blasint)p->ldc);
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
