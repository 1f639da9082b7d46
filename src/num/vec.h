/* Loops over vectors of float with double accumulators, in an order that never depends on anything
 * but n. */
#ifndef DESCENT_NUM_VEC_H
#define DESCENT_NUM_VEC_H

#include <stdbool.h>
#include <stddef.h>

double vec_sum(const float *x, size_t n);
double vec_sum_squares(const float *x, size_t n);
double vec_sum_abs(const float *x, size_t n);
double vec_dot(const float *x, const float *y, size_t n);
void vec_scale(float *x, float a, size_t n);
void vec_clamp(float *x, float lo, float hi, size_t n);
bool vec_all_finite(const float *x, size_t n);

#endif
