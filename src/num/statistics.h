/* What a handful of repeated runs tells: means with intervals, paired tests. Pure functions. */
#ifndef DESCENT_NUM_STATISTICS_H
#define DESCENT_NUM_STATISTICS_H

#include <stddef.h>

/* Finite values alone count; what cannot be told from so few is NaN. */
struct stats_sample {
    size_t n;
    double mean, sd;  /* sd: of the sample, n - 1 in the denominator; NaN for n < 2 */
    double low, high; /* 95 % confidence interval of the mean by Student's t; NaN for n < 2 */
    double least, most;
};
struct stats_sample stats_of(const double *v, size_t n);
/* The same without the interval, which costs more than all the rest. */
struct stats_sample stats_spread(const double *v, size_t n);

/* I_x(a, b), the regularised incomplete beta function, 0 <= x <= 1 (DLMF 8.17). */
double stats_beta(double x, double a, double b);
/* P(T <= t) of Student's t distribution with v > 0 degrees of freedom, and its inverse, 0 < p <
 * 1. */
double stats_t(double t, double v);
double stats_t_quantile(double p, double v);

/* Two-sided p-values for the differences of pairs, against: their distribution is symmetric about
 * 0. NaN without a difference. */

enum { STATS_EXACT_FLIPS = 20 };
/* Fisher's randomisation test (1935): the share of all 2^n choices of signs whose sum is at least
 * as far from 0. n <= STATS_EXACT_FLIPS. */
double stats_sign_flip(const double *d, size_t n);
/* Wilcoxon's signed-rank test (1945): zeros left out, mean ranks for ties; exact up to 200
 * differences, ties included, beyond that the normal approximation with corrections for ties and
 * continuity. */
double stats_wilcoxon(const double *d, size_t n);

/* Holm's (1979) adjustment of n p-values tested together, in place; NaNs are left as they are. */
void stats_holm(double *p, size_t n);

#endif
