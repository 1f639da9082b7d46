/* What a handful of repeated runs tells: means with intervals, paired tests. Pure functions. */
#ifndef DESCENT_NUM_STATISTICS_H
#define DESCENT_NUM_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* Finite values alone count; what cannot be told from so few is NaN. */
struct stats_sample {
    size_t n;
    double mean, sd;  /* sd: of the sample, n - 1 in the denominator; NaN for n < 2 */
    double low, high; /* 95 % confidence interval of the mean by Student's t; NaN for n < 2 */
    double least, most;
    double quartile[3]; /* the second one is the median; between neighbours in proportion (type 7 of
                           Hyndman and Fan 1996) */
};
/* Ascending, infinities too; no NaN among them. */
void stats_sort(double *v, size_t n);
/* The median of n values, which it sorts; infinite ones count. NaN without any. */
double stats_median(double *v, size_t n);
/* All figures of n values. */
struct stats_sample stats_summarize(const double *v, size_t n);
/* The same without the interval and the quartiles, which cost more than all the rest. */
struct stats_sample stats_spread(const double *v, size_t n);

/* The deviation that samples have in common: sqrt(sum (n - 1) sd^2 / sum (n - 1)). Those of fewer
 * than two values tell nothing of it. freedom 0: nobody does. */
struct stats_pooled {
    double sd;
    size_t freedom, samples; /* samples: so many of them told of it */
};
/* Pools n samples. */
struct stats_pooled stats_pool(const struct stats_sample *s, size_t n);
/* The sample's interval by that deviation and its degrees of freedom, n >= 1; NaN without any. */
void stats_take_interval(struct stats_sample *s, const struct stats_pooled *by);
/* Whether x is to be preferred: what has a value, then what lost no run, then the better mean. */
bool stats_leads(const struct stats_sample *x, bool x_lost, const struct stats_sample *y,
                 bool y_lost, bool rises);
/* Wilson's (1927) 95 % interval of a share of which `hits` of n were seen, n > 0. */
void stats_wilson(size_t hits, size_t n, double *low, double *high);
/* McNemar's test (1947), exact: of the cases on which two differ, `one` are the one's, `other` the
 * other's; two-sided p by the binomial distribution. 1 without any. */
double stats_mcnemar(size_t one, size_t other);

/* Mean and standard deviation of the best of k values drawn with replacement from v, sorted with
 * the best last (Dodge et al. 2019: P(best <= v_i) = (i / n)^k). n, k > 0. */
void stats_best(const double *v, size_t n, size_t k, double *ret_mean, double *ret_sd);

/* I_x(a, b), the regularised incomplete beta function, 0 <= x <= 1 (DLMF 8.17). */
double stats_beta(double x, double a, double b);
/* P(T <= t) of Student's t distribution with v > 0 degrees of freedom, and its inverse, 0 < p <
 * 1. */
double stats_t(double t, double v);
/* The t for which P(T <= t) = p. */
double stats_t_quantile(double p, double v);

/* A number that was written with nine significant digits lies within so much of itself of what it
 * was: shares of images that are equal, or differ by equally many, do so to this alone. */
#define STATS_NINE_DIGITS 5e-9

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

/* Whether two numbers are equal to `within` and to nine digits; infinite ones of one sign are. */
bool stats_alike(double x, double y, double within);
/* Mean ranks over problems: cost[solver * problems + problem], the
 * least has rank 1, those that are alike share the mean of their ranks. */
void stats_mean_ranks(const double *cost, size_t solvers, size_t problems, double within,
                      double *ret);
/* Two mean ranks differ where they are so far apart at least (Nemenyi 1963; Demsar 2006, section
 * 3.2.2): q sqrt(k (k + 1) / (6 N)), q the 95 % point of the range of k normal numbers over sqrt 2.
 * solvers > 1. */
double stats_critical_difference(size_t solvers, size_t problems);
/* Spearman's (1904) rank correlation of n pairs, mean ranks for ties; NaN where one side is all
 * equal. Pairs with a NaN do not count; infinite values do, as ranks. */
double stats_spearman(const double *x, const double *y, size_t n);

/* The share of the variance of y's ranks that x explains, whatever the shape: epsilon squared of
 * the test of Kruskal and Wallis (1952), (H - k + 1) / (n - k) of the k groups of equal x; of more
 * than six values of x the groups are runs of neighbours, n / 6 of them, at most 6. Less than
 * nothing counts as 0; NaN where one side is all equal, or groups have one pair each. Pairs with a
 * NaN do not count; infinite y do. */
double stats_explained(const double *x, const double *y, size_t n);

/* Holm's (1979) adjustment of n p-values tested together, in place; NaNs are left as they are. */
void stats_holm(double *p, size_t n);

#endif
