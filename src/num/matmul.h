/* The matrix products of layers: by our own kernels (num/gemm.h) or by BLAS. */
#ifndef DESCENT_NUM_MATMUL_H
#define DESCENT_NUM_MATMUL_H

#include "num/gemm.h"
#include "num/team.h"
#include <stdbool.h>
#include <stddef.h>

struct matmul {
    struct team *team;       /* NULL: one thread */
    enum gemm_kernel kernel; /* GEMM_NONE: BLAS */
};
/* "baseline" ("neon" on 64-bit ARM), "avx2", "avx512", "blas". */
const char *matmul_name(enum gemm_kernel kernel);

/* The product (num/gemm.h has sizes and padding); BLAS makes S of what is past column n of C. The
 * team shares the longer side of C where the product is worth it. The bits of a kernel's product
 * depend on the numbers alone, those of BLAS on its own kernel, on the shape, and so on the size of
 * the team. */
void matmul(const struct matmul *backend, const struct product *p);

#endif
