/* Matrix products. The one user of cblas.h. All matrices are row-major float32. */
#ifndef DESCENT_NUM_BLAS_H
#define DESCENT_NUM_BLAS_H

#include "num/gemm.h"
#include <stddef.h>

/* C = alpha op(A) op(B) + beta C; the product's start is not looked at. */
void blas_gemm(const struct product *p, float alpha, float beta);
/* BLAS itself takes one thread: whoever wants more calls it from several. */
void blas_use_one_thread(void);

/* "OpenBLAS 0.3.21", its kernel "Haswell", the library's own description. */
void blas_name(char *ret, size_t size);
/* The kernel that BLAS chose for this processor. Constant. */
const char *blas_kernel(void);
/* BLAS's description of itself. Constant. */
const char *blas_config(void);

#endif
