/* Elementary functions of our own: sums, products, quotients and operations on integers in a fixed
 * order, nothing fused, so that every compiler, library and processor gives the same bits. Their
 * polynomials are derived by scripts/polynomials. Whatever a result depends on takes these and
 * never the library's; sqrt, fabs, floor, fmod and ldexp are exact everywhere.
 *
 * Special values are those of C's Annex F; a NaN's sign and payload are left open. */
#ifndef DESCENT_NUM_MATH_H
#define DESCENT_NUM_MATH_H

#include "num/polynomials.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Within 1.7 units in the last place. */
double math_exp(double x);
/* e^x - 1. */
double math_expm1(double x);
/* Natural logarithm; -inf of 0, NaN below it. */
double math_log(double x);
/* x^y, with the limits that C's pow has. */
double math_pow(double x, double y);
/* Of an angle in radians, of any size. */
double math_sin(double x);
/* Of an angle in radians, of any size. */
double math_cos(double x);
double math_tanh(double x); /* within 3 units */
/* sqrt(x^2 + y^2), where the squares overflow too. */
double math_hypot(double x, double y);

/* ---- of a float, in double, rounded once: within 0.5041 units in the last place. Inline and
 * without branches: a loop over them is vector code ---- */

#define MATH_INLINE static inline __attribute__((always_inline))

MATH_INLINE uint64_t math_bits(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

MATH_INLINE double math_of_bits(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* Added to a double below 2^51 it leaves the nearest whole number in the last bits. */
static const double math_shifter = 0x1.8p52;

/* e^x - 1 and 2^k, where x = k ln 2 + r: 2^k (e^r - 1) + (2^k - 1). */
MATH_INLINE double math_reduced_exp(double x, double *ret_scale)
{
    double t = x * math_log2_e + math_shifter, r = x - (t - math_shifter) * math_ln2;
    *ret_scale = math_of_bits((math_bits(t) + 1023) << 52);
    return r + (r * r) * math_poly_expf(r);
}

MATH_INLINE double math_expm1_narrow(double x)
{
    double scale, r = math_reduced_exp(x, &scale);
    return scale * r + (scale - 1);
}

MATH_INLINE double math_exp_narrow(double x)
{
    double scale;
    x = x < -110 ? -110 : x;
    x = x > 90 ? 90 : x;
    double r = math_reduced_exp(x, &scale);
    return scale + scale * r;
}

MATH_INLINE float math_expf(float of)
{
    return (float)math_exp_narrow((double)of);
}

MATH_INLINE float math_expm1f(float of)
{
    double x = (double)of;
    x = x < -40 ? -40 : x;
    x = x > 90 ? 90 : x;
    float y = (float)math_expm1_narrow(x);
    return of == 0 ? of : y;
}

/* (e^2a - 1) / (e^2a + 1) of a = |x|. */
MATH_INLINE double math_tanh_narrow(double x)
{
    double a = fabs(x);
    a = a > 20 ? 20 : a;
    double e = math_expm1_narrow(2 * a), y = e / (e + 2);
    return x < 0 ? -y : y;
}

MATH_INLINE float math_tanhf(float of)
{
    float result = (float)math_tanh_narrow((double)of);
    return of == 0 ? of : result;
}

/* x = 2^k (1 + f), 1 + f from sqrt(1/2) to sqrt(2); of a normal number. k is made of the exponent's
 * bits by additions alone. */
MATH_INLINE double math_split(double x, double *ret_f)
{
    const uint64_t half_root = 0x3FE6A09E667F3BCD; /* sqrt(1/2) */
    uint64_t u = math_bits(x), k = (u - half_root + ((uint64_t)1024 << 52)) >> 52;
    *ret_f = math_of_bits(u - (k << 52) + ((uint64_t)1024 << 52)) - 1;
    return math_of_bits(0x4330000000000000 | k) - (0x1p52 + 1024);
}

/* log of 2^k (1 + f): 2 atanh(s) = f - (f^2 / 2 - s (f^2 / 2 + z P(z))), s = f / (2 + f). */
MATH_INLINE double math_log_of_parts(double k, double f)
{
    double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    return k * math_ln2_1 - ((half - (s * (half + z * math_poly_log(z)) + k * math_ln2_2)) - f);
}

/* math_log of a normal number, without a branch. */
MATH_INLINE double math_log_normal(double x)
{
    double f, k = math_split(x, &f);
    return math_log_of_parts(k, f);
}

/* log x = k ln 2 + 2 atanh(s), to a float's accuracy. */
MATH_INLINE double math_log_narrow(double x)
{
    double f, k = math_split(x, &f), s = f / (2 + f), z = s * s;
    return k * math_ln2 + (2 * s + s * z * math_poly_logf(z));
}

/* That of u, which is x or x + 1, where it is positive and finite; the limits and errors else. */
MATH_INLINE double math_log_limits(double u, double y)
{
    y = u > 1e39 ? (double)INFINITY : y;
    y = u == 0 ? -(double)INFINITY : y;
    y = u < 0 ? (double)NAN : y;
    return u != u ? u : y;
}

MATH_INLINE float math_logf(float of)
{
    double x = (double)of;
    return (float)math_log_limits(x, math_log_narrow(x > 0 && x < 1e39 ? x : 1));
}

MATH_INLINE double math_log1p_narrow(double x)
{
    double u = 1 + x, y = math_log_narrow(u > 0 && u < 1e39 ? u : 1),
           small = x * (1 - x * (0.5 - x * 0x1.5555555555555p-2));
    y = fabs(x) < 0x1p-12 ? small : y; /* u is exact from there on */
    return math_log_limits(u, y);
}

MATH_INLINE float math_log1pf(float of)
{
    float result = (float)math_log1p_narrow((double)of);
    return of == 0 ? of : result;
}

MATH_INLINE double math_erf_narrow(double x)
{
    x = x < -4 ? -4 : x;
    x = x > 4 ? 4 : x;
    return x * math_poly_erff((x * x - 8) * 0.125);
}

MATH_INLINE float math_erff(float of)
{
    float y = (float)math_erf_narrow((double)of);
    return of == 0 ? of : y;
}

#endif
