#include "num/ranks.h"
#include "num/sample.h"
#include "util/mem.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct placed {
    double v;
    size_t at;
};

static int compare_placed(const void *a, const void *b)
{
    double x = ((const struct placed *)a)->v, y = ((const struct placed *)b)->v;
    return (x > y) - (x < y);
}

/* ret[i] is the rank of v[i], from 1; those that are alike share the mean of theirs. */
static void mean_ranks_of(const double *v, size_t n, double within, double *ret)
{
    struct placed *p = mem_array(n + 1, sizeof *p);
    for (size_t i = 0; i < n; i++)
        p[i] = (struct placed){v[i], i};
    qsort(p, n, sizeof *p, compare_placed);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && stats_alike(p[end].v, p[i].v, within);)
            end++;
        for (size_t k = i; k < end; k++)
            ret[p[k].at] = (double)(i + 1 + end) / 2;
    }
    mem_free(p);
}

void stats_mean_ranks(const double *cost, size_t solvers, size_t problems, double within,
                      double *ret)
{
    double *v = mem_array(2 * solvers + 1, sizeof *v), *rank = v + solvers;
    for (size_t s = 0; s < solvers; s++)
        ret[s] = 0;
    for (size_t p = 0; p < problems; p++) {
        for (size_t s = 0; s < solvers; s++)
            v[s] = cost[s * problems + p];
        mean_ranks_of(v, solvers, within, rank);
        for (size_t s = 0; s < solvers; s++)
            ret[s] += rank[s] / (double)problems;
    }
    mem_free(v);
}

static double normal(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

/* P(range of k standard normal numbers <= q), by Simpson's rule. */
static double range_probability(double q, size_t k)
{
    enum { STEPS = 2000 };
    double sum = 0, from = -8, h = (16 + q) / STEPS;
    for (int i = 0; i <= STEPS; i++) {
        double z = from + h * i, density = exp(-z * z / 2) / sqrt(2 * acos(-1));
        double f = density * pow(normal(z) - normal(z - q), (double)(k - 1));
        sum += f * (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2);
    }
    return (double)k * sum * h / 3;
}

double stats_critical_difference(size_t solvers, size_t problems)
{
    double low = 0, high = 100, k = (double)solvers;
    for (int i = 0; i < 60; i++) {
        double q = (low + high) / 2;
        *(range_probability(q, solvers) < 0.95 ? &low : &high) = q;
    }
    return high / sqrt(2) * sqrt(k * (k + 1) / (6 * (double)problems));
}

double stats_spearman(const double *x, const double *y, size_t n)
{
    double *v = mem_array(4 * n + 1, sizeof *v), *own[] = {v, v + n},
           *rank[] = {v + 2 * n, v + 3 * n};
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]) && !isnan(y[i])) {
            own[0][k] = x[i];
            own[1][k++] = y[i];
        }
    mean_ranks_of(own[0], k, 0, rank[0]);
    mean_ranks_of(own[1], k, 0, rank[1]);
    double mean = ((double)k + 1) / 2, xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < k; i++) {
        double a = rank[0][i] - mean, b = rank[1][i] - mean;
        xx += a * a;
        xy += a * b;
        yy += b * b;
    }
    mem_free(v);
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

/* Groups of neighbours in x, numbered in place of their ranks. */
static void bin_ranks(double *rank, size_t n, const double *x)
{
    size_t values = 0, bins = n / 6 < 6 ? n / 6 : 6;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < i && (x[k] < x[i] || x[k] > x[i]))
            k++;
        values += k == i;
    }
    for (size_t i = 0; i < n && values > 6 && bins > 1; i++)
        rank[i] = floor((rank[i] - 0.5) * (double)bins / (double)n);
}

double stats_explained(const double *x, const double *y, size_t n)
{
    double *v = mem_array(4 * n + 1, sizeof *v), *a = v, *b = v + n, *group = v + 2 * n,
           *rank = v + 3 * n, total = 0, between = 0;
    size_t m = 0, groups = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]) && !isnan(y[i])) {
            a[m] = x[i];
            b[m++] = y[i];
        }
    mean_ranks_of(a, m, 0, group);
    mean_ranks_of(b, m, 0, rank);
    bin_ranks(group, m, a);
    for (size_t i = 0; i < m; i++) {
        double sum = 0, count = 0;
        bool first = true;
        for (size_t k = 0; k < m; k++) {
            if (group[k] < group[i] || group[k] > group[i])
                continue;
            first &= k >= i;
            sum += rank[k] - ((double)m + 1) / 2;
            count++;
        }
        total += pow(rank[i] - ((double)m + 1) / 2, 2);
        between += first ? sum * sum / count : 0;
        groups += first;
    }
    mem_free(v);
    if (groups < 2 || groups >= m || !(total > 0))
        return (double)NAN;
    double h = (double)(m - 1) * between / total;
    return fmax(0, (h - (double)groups + 1) / (double)(m - groups));
}
