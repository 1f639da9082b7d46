#include "num/student.h"
#include <math.h>

/* 1 + d_1 / (1 + d_2 / (1 + ...)) of DLMF 8.17.22, by Lentz's method; fast for x < (a + 1) / (a + b
 * + 2). */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double f = 1, c = 1, d = 0, change = 0;
    for (int i = 1; i < 10000 && fabs(change - 1) > 1e-16; i++) {
        double m = floor(i / 2.0);
        double term = i % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                 : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + term * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + term / c;
        c = fabs(c) < tiny ? tiny : c;
        change = c * d;
        f *= change;
    }
    return f;
}

double stats_beta(double x, double a, double b)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front / (a * beta_fraction(x, a, b));
    return 1 - front / (b * beta_fraction(1 - x, b, a));
}

/* P(T > t), t >= 0: DLMF 8.17 with x = v / (v + t^2). */
static double t_tail(double t, double v)
{
    return 0.5 * stats_beta(v / (v + t * t), v / 2, 0.5);
}

double stats_t(double t, double v)
{
    return t < 0 ? t_tail(-t, v) : 1 - t_tail(t, v);
}

double stats_t_quantile(double p, double v)
{
    if (p < 0.5)
        return -stats_t_quantile(1 - p, v);
    double low = 0, high = 1, tail = 1 - p;
    while (t_tail(high, v) > tail && high < 1e300)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        double middle = low + (high - low) / 2;
        if (t_tail(middle, v) > tail)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}
