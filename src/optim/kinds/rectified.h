/* The variance rectification of Liu et al. 2019 (arXiv:1908.03265), algorithm 2: radam's, and an
 * option of adabelief. */
#ifndef DESCENT_OPTIM_KINDS_RECTIFIED_H
#define DESCENT_OPTIM_KINDS_RECTIFIED_H

#include "num/math.h"
#include <math.h>

static inline double rectified_limit(double beta2)
{
    return 2 / (1 - beta2) - 1;
}

/* rho_t: the length of the moving average at update t. */
static inline double rectified_length(double beta2, double t)
{
    double power = math_pow(beta2, t);
    return rectified_limit(beta2) - 2 * t * power / (1 - power);
}

/* r_t, for rho_t > 4. */
static inline double rectified_term(double beta2, double t)
{
    double limit = rectified_limit(beta2), rho = rectified_length(beta2, t);
    return sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho));
}

#endif
