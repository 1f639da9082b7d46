/* Student's t distribution, and the function that it rests on. */
#ifndef DESCENT_NUM_STUDENT_H
#define DESCENT_NUM_STUDENT_H

/* I_x(a, b), the regularised incomplete beta function, 0 <= x <= 1 (DLMF 8.17). */
double stats_beta(double x, double a, double b);
/* P(T <= t) of Student's t distribution with v > 0 degrees of freedom, and its inverse, 0 < p <
 * 1. */
double stats_t(double t, double v);
/* The t for which P(T <= t) = p. */
double stats_t_quantile(double p, double v);

#endif
