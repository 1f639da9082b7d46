/* Ranks, and what they say of numbers of whatever scale. Pure functions. */
#ifndef DESCENT_NUM_RANKS_H
#define DESCENT_NUM_RANKS_H

#include <stddef.h>

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

#endif
