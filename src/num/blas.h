/* Matrix products. The one user of cblas.h. All matrices are row-major float32. */
#ifndef DESCENT_NUM_BLAS_H
#define DESCENT_NUM_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* C (m x n, leading dimension ldc) = alpha op(A) op(B) + beta C, op(A) m x k, op(B) k x n. */
void blas_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, float alpha,
               const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
               size_t ldc);
/* BLAS itself takes one thread: whoever wants more calls it from several. */
void blas_use_one_thread(void);

/* "OpenBLAS 0.3.21", its kernel "Haswell", the library's own description. */
void blas_name(char *ret, size_t size);
/* The kernel that BLAS chose for this processor. Constant. */
const char *blas_kernel(void);
/* BLAS's description of itself. Constant. */
const char *blas_config(void);

#endif
