#include "num/vec.h"
#include "util/processor.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Many running sums, so that the loop is vector code that waits for no sum, and its order depends
 * on n alone. */
enum { LANES = 64 };

static double total(const double *lane)
{
    double sum = 0;
    for (int l = 0; l < LANES; l++)
        sum += lane[l];
    return sum;
}

#define ACCUMULATE(term)                                                                           \
    double lane[LANES] = {0};                                                                      \
    size_t i = 0;                                                                                  \
    for (; i + LANES <= n; i += LANES)                                                             \
        for (size_t l = 0; l < LANES; l++)                                                         \
            lane[l] += term(i + l);                                                                \
    for (size_t l = 0; i + l < n; l++)                                                             \
        lane[l] += term(i + l);                                                                    \
    return total(lane)

#define PLAIN(j) (double)x[j]
#define SQUARE(j) (double)x[j] * (double)x[j]
#define MAGNITUDE(j) fabs((double)x[j])
#define PRODUCT(j) (double)x[j] * (double)y[j]

VECTORIZED_TO(double, vec_sum, (const float *x, size_t n), (x, n))
{
    ACCUMULATE(PLAIN);
}

VECTORIZED_TO(double, vec_sum_squares, (const float *x, size_t n), (x, n))
{
    ACCUMULATE(SQUARE);
}

VECTORIZED_TO(double, vec_sum_abs, (const float *x, size_t n), (x, n))
{
    ACCUMULATE(MAGNITUDE);
}

VECTORIZED_TO(double, vec_dot, (const float *x, const float *y, size_t n), (x, y, n))
{
    ACCUMULATE(PRODUCT);
}

VECTORIZED(vec_scale, (float *x, float a, size_t n), (x, a, n))
{
    for (size_t i = 0; i < n; i++)
        x[i] *= a;
}

VECTORIZED(vec_clamp, (float *x, float lo, float hi, size_t n), (x, lo, hi, n))
{
    for (size_t i = 0; i < n; i++) {
        float v = x[i] < lo ? lo : x[i];
        x[i] = v > hi ? hi : v;
    }
}

/* An exponent of ones alone is infinity or NaN. */
VECTORIZED_TO(bool, vec_all_finite, (const float *x, size_t n), (x, n))
{
    const uint32_t exponent = 0x7F800000;
    uint32_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        any |= (bits & exponent) == exponent;
    }
    return any == 0;
}
