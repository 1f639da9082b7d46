/* Tests of paired runs: whether one of two settings is really the better one. Pure functions. */
#ifndef DESCENT_NUM_PAIRED_H
#define DESCENT_NUM_PAIRED_H

#include <stddef.h>

/* Two-sided p-values for the differences of pairs, against: their distribution is symmetric about
 * 0. NaN without a difference. Each difference d[i] lies within within[i] of the true one: what is
 * equal to that is a tie. */

enum { STATS_EXACT_FLIPS = 40 };
/* Fisher's randomisation test (1935): the share of all 2^n choices of signs whose sum is at least
 * as far from 0. n <= STATS_EXACT_FLIPS; the time goes with 2^(n / 2). */
double stats_sign_flip(const double *d, const double *within, size_t n);
/* Wilcoxon's signed-rank test (1945): zeros left out, mean ranks for ties; exact up to 200
 * differences, ties included, beyond that the normal approximation with corrections for ties and
 * continuity. */
double stats_wilcoxon(const double *d, const double *within, size_t n);
/* The p of these two tests if all n pairs differed one way, by as much as they do. */
double stats_sign_flip_least(size_t n);
/* A pair that is equal counts as the smallest of the differences. */
double stats_wilcoxon_least(const double *d, const double *within, size_t n);

struct stats_resampled {
    double p;         /* two-sided; NaN for n < 2, or where the interval is */
    double low, high; /* 95 % confidence interval of the mean; NaN for n < 2 */
};
/* The corrected resampled t-test of Nadeau and Bengio (2003), section 4: of differences whose pairs
 * were trained on overlapping images, the variance of the mean is (1 / n + ratio) times that of the
 * sample, with n - 1 degrees of freedom. ratio: images held out over images trained on, 1 / (k - 1)
 * of k folds. */
struct stats_resampled stats_resampled_t(const double *d, size_t n, double ratio);

/* McNemar's test (1947), exact: of the cases on which two differ, `one` are the one's, `other` the
 * other's; two-sided p by the binomial distribution. 1 without any. */
double stats_mcnemar(size_t one, size_t other);

/* Holm's (1979) adjustment of n p-values tested together, in place; NaNs are left as they are. */
void stats_holm(double *p, size_t n);

#endif
