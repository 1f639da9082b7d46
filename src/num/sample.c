#include "num/sample.h"
#include "num/student.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct stats_sample stats_spread(const double *v, size_t n)
{
    struct stats_sample s = {.mean = (double)NAN,
                             .sd = (double)NAN,
                             .low = (double)NAN,
                             .high = (double)NAN,
                             .least = (double)NAN,
                             .most = (double)NAN,
                             .quartile = {(double)NAN, (double)NAN, (double)NAN}};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i])) {
            sum += v[i];
            s.least = s.n ? fmin(s.least, v[i]) : v[i];
            s.most = s.n ? fmax(s.most, v[i]) : v[i];
            s.n++;
        }
    if (s.n == 0)
        return s;
    bool alike = !(s.least < s.most); /* and not what rounding makes of their sum */
    s.mean = alike ? s.least : sum / (double)s.n;
    if (s.n < 2)
        return s;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]))
            squares += (v[i] - s.mean) * (v[i] - s.mean);
    s.sd = sqrt(squares / (double)(s.n - 1));
    return s;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double *v, size_t n)
{
    qsort(v, n, sizeof *v, compare_numbers);
}

/* The mean of two infinities of one sign is that, of unlike ones nothing. */
double stats_median(double *v, size_t n)
{
    if (n == 0)
        return (double)NAN;
    stats_sort(v, n);
    return n % 2 ? v[n / 2] : v[n / 2 - 1] / 2 + v[n / 2] / 2;
}

/* Of the s->n > 0 finite ones of n values. */
static void add_quartiles(struct stats_sample *s, const double *v, size_t n)
{
    double *sorted = mem_array(s->n, sizeof *sorted);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]))
            sorted[k++] = v[i];
    stats_sort(sorted, k);
    for (size_t q = 1; q <= 3; q++) {
        size_t at = q * (k - 1) / 4, next = at + 1 < k ? at + 1 : at;
        double share = (double)(q * (k - 1) % 4) / 4;
        s->quartile[q - 1] = sorted[at] + share * (sorted[next] - sorted[at]);
    }
    mem_free(sorted);
}

struct stats_sample stats_summarize(const double *v, size_t n)
{
    struct stats_sample s = stats_spread(v, n);
    if (s.n > 0)
        add_quartiles(&s, v, n);
    if (s.n < 2)
        return s;
    double half = stats_t_quantile(0.975, (double)(s.n - 1)) * s.sd / sqrt((double)s.n);
    s.low = s.mean - half;
    s.high = s.mean + half;
    return s;
}

/* ---- several samples ---- */

struct stats_pooled stats_pool(const struct stats_sample *s, size_t n)
{
    struct stats_pooled p = {.sd = (double)NAN};
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        if (s[i].n > 1) {
            squares += (double)(s[i].n - 1) * s[i].sd * s[i].sd;
            p.freedom += s[i].n - 1;
            p.samples++;
        }
    if (p.freedom > 0)
        p.sd = sqrt(squares / (double)p.freedom);
    return p;
}

void stats_take_interval(struct stats_sample *s, const struct stats_pooled *by)
{
    s->low = s->high = (double)NAN;
    if (s->n == 0 || by->freedom == 0)
        return;
    double half = stats_t_quantile(0.975, (double)by->freedom) * by->sd / sqrt((double)s->n);
    s->low = s->mean - half;
    s->high = s->mean + half;
}

/* The mean of several figures of nine digits, as far as it is known: shares of images whose means
 * are equal are so to this alone. */
static double known_mean(const struct stats_sample *s)
{
    char text[32];
    if (s->n < 2)
        return s->mean;
    snprintf(text, sizeof text, "%.8g", s->mean);
    return strtod(text, NULL);
}

bool stats_leads(const struct stats_sample *x, bool x_lost, const struct stats_sample *y,
                 bool y_lost, bool rises)
{
    if (x->n == 0 || y->n == 0)
        return x->n > 0 && y->n == 0;
    if (x_lost != y_lost)
        return !x_lost;
    double its = known_mean(x), other = known_mean(y);
    return rises ? its > other : its < other;
}

/* ---- counts and numbers ---- */

void stats_wilson(size_t hits, size_t n, double *low, double *high)
{
    const double z = 1.959963984540054; /* the normal distribution's 0.975 quantile */
    double m = (double)n, p = (double)hits / m, z2 = z * z;
    double middle = (p + z2 / (2 * m)) / (1 + z2 / m),
           half = z / (1 + z2 / m) * sqrt(p * (1 - p) / m + z2 / (4 * m * m));
    *low = hits == 0 ? 0 : middle - half;
    *high = hits == n ? 1 : middle + half;
}

void stats_best(const double *v, size_t n, size_t k, double *ret_mean, double *ret_sd)
{
    double mean = 0, variance = 0, below = 0;
    for (int pass = 0; pass < 2; pass++, below = 0)
        for (size_t i = 0; i < n; i++) {
            double now = pow((double)(i + 1) / (double)n, (double)k), p = now - below;
            mean += pass == 0 ? p * v[i] : 0;
            variance += pass == 1 ? p * (v[i] - mean) * (v[i] - mean) : 0;
            below = now;
        }
    *ret_mean = mean;
    *ret_sd = sqrt(variance);
}

bool stats_alike(double x, double y, double within)
{
    if (!isfinite(x) || !isfinite(y))
        return !(x < y) && !(x > y);
    return fabs(x - y) <= within + 2 * STATS_NINE_DIGITS * fmax(fabs(x), fabs(y));
}
