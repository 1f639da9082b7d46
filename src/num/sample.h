/* What a handful of values tells: mean, spread, interval, quartiles, shares. Pure functions. */
#ifndef DESCENT_NUM_SAMPLE_H
#define DESCENT_NUM_SAMPLE_H

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
/* Whether x is to be preferred: what has a value, then what lost no run, then the better mean.
 * Means of several values are compared to eight digits. */
bool stats_leads(const struct stats_sample *x, bool x_lost, const struct stats_sample *y,
                 bool y_lost, bool rises);
/* Wilson's (1927) 95 % interval of a share of which `hits` of n were seen, n > 0. */
void stats_wilson(size_t hits, size_t n, double *low, double *high);
/* Mean and standard deviation of the best of k values drawn with replacement from v, sorted with
 * the best last (Dodge et al. 2019: P(best <= v_i) = (i / n)^k). n, k > 0. */
void stats_best(const double *v, size_t n, size_t k, double *ret_mean, double *ret_sd);

/* A number that was written with nine significant digits lies within so much of itself of what it
 * was: shares of images that are equal, or differ by equally many, do so to this alone. */
#define STATS_NINE_DIGITS 5e-9
/* Whether two numbers are equal to `within` and to nine digits; infinite ones of one sign are. */
bool stats_alike(double x, double y, double within);

#endif
