/* Loops over vectors of float with double accumulators, in an order that never depends on anything
 * but n. */
#ifndef DESCENT_NUM_VEC_H
#define DESCENT_NUM_VEC_H

#include "num/team.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The sum, in double, in a fixed order. */
double vec_sum(const float *x, size_t n);
/* The sum of squares, in double, in a fixed order. */
double vec_sum_squares(const float *x, size_t n);
/* The same number; where n is large, made by the team (or NULL). */
double vec_sum_squares_shared(struct team *team, const float *x, size_t n);
/* The sum of absolute values, in double, in a fixed order. */
double vec_sum_abs(const float *x, size_t n);
/* The scalar product, in double, in a fixed order. */
double vec_dot(const float *x, const float *y, size_t n);
/* x *= a. */
void vec_scale(float *x, float a, size_t n);
/* Each x into [lo, hi]; NaN stays. */
void vec_clamp(float *x, float lo, float hi, size_t n);
/* 2^-100 and 2^-126 as bits without the sign: the exponent plus 127. */
#define VEC_TINY (UINT32_C(27) << 24)
#define VEC_NORMAL (UINT32_C(1) << 24)
/* x, or 0 where it is below `least` in size. By its bits: a float operation would be as slow as
 * those with subnormal numbers that this prevents. */
static inline float vec_not_below(float x, uint32_t least)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = bits << 1 < least ? 0 : bits;
    memcpy(&x, &bits, sizeof x);
    return x;
}
/* x, or 0 where it is below 2^-100 in size. */
static inline float vec_not_tiny(float x)
{
    return vec_not_below(x, VEC_TINY);
}
/* That of each x. */
void vec_drop_tiny(float *x, size_t n);
/* Each x, or 0 where it is below 2^-126 in size. */
void vec_drop_subnormal(float *x, size_t n);
/* Whether no x is NaN or infinite. */
bool vec_all_finite(const float *x, size_t n);

#endif
