#include "num/paired.h"
#include "num/sample.h"
#include "num/student.h"
#include "util/mem.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { EXACT_RANKS = 200 };

/* ---- signs of differences ---- */

/* The sums of all 2^n choices of signs, ascending. */
static double *signed_sums(const double *d, size_t n)
{
    double *v = mem_array((size_t)1 << n, sizeof *v);
    v[0] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0, had = (size_t)1 << i; k < had; k++) {
            v[had + k] = v[k] + d[i];
            v[k] -= d[i];
        }
    stats_sort(v, (size_t)1 << n);
    return v;
}

/* How many sums of one number of each list, both ascending, are at least `limit`. */
static uint64_t count_reaching(const double *x, size_t n, const double *y, size_t m, double limit)
{
    uint64_t reached = 0;
    size_t at = m;
    for (size_t i = 0; i < n; i++) {
        while (at > 0 && x[i] + y[at - 1] >= limit)
            at--;
        reached += m - at;
    }
    return reached;
}

/* How many choices of signs have a sum of at least `limit`. The numbers are halved: each half's sums
 * are few, and every choice is one of either. */
static uint64_t count_choices(const double *e, size_t n, double limit)
{
    size_t half = n / 2;
    double *x = signed_sums(e, half), *y = signed_sums(e + half, n - half);
    uint64_t reached = count_reaching(x, (size_t)1 << half, y, (size_t)1 << (n - half), limit);
    mem_free(x);
    mem_free(y);
    return reached;
}

/* With the signs of some turned, the sum is as far from 0 where these add up to nothing or less than
 * that. Each counts as the least that it can be, so that what may be a tie is one: 2 e[i] of every
 * one turned is lacking at most. */
double stats_sign_flip(const double *d, const double *within, size_t n)
{
    double sum = 0, limit = 0, sizes = 0;
    assert(n <= STATS_EXACT_FLIPS);
    if (n == 0)
        return (double)NAN;
    for (size_t i = 0; i < n; i++)
        sum += d[i];
    double *e = mem_array(n, sizeof *e);
    for (size_t i = 0; i < n; i++) {
        e[i] = (sum < 0 ? -d[i] : d[i]) - within[i];
        limit += e[i];
        sizes += fabs(e[i]);
    }
    limit -= (double)n * DBL_EPSILON * sizes; /* sums are rounded */
    uint64_t reached = limit > 0 ? count_choices(e, n, limit) : 0;
    mem_free(e);
    if (limit <= 0)
        return 1;
    return ldexp((double)(2 * reached), -(int)n); /* with all signs turned, as many lie below */
}

struct ranked {
    double size, within;
    bool positive;
};

static int compare_sizes(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;
    return p->size < q->size ? -1 : p->size > q->size;
}

/* The share of the 2^n choices of signs whose sum of doubled ranks is as far from the middle as
 * `sum`. */
static double exact_share(const size_t *doubled, size_t n, size_t sum)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += doubled[i];
    double *chance = mem_array(all + 1, sizeof *chance), share = 0;
    chance[0] = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t s = all + 1; s-- > 0;)
            chance[s] = 0.5 * chance[s] + (s >= doubled[i] ? 0.5 * chance[s - doubled[i]] : 0);
    size_t far = 2 * sum > all ? 2 * sum - all : all - 2 * sum;
    for (size_t s = 0; s <= all; s++)
        share += (2 * s > all ? 2 * s - all : all - 2 * s) >= far ? chance[s] : 0;
    mem_free(chance);
    return fmin(share, 1);
}

static double normal_share(const size_t *doubled, size_t n, size_t sum)
{
    double variance = 0, mean = 0; /* of W, by its ranks: ties are in them already */
    for (size_t i = 0; i < n; i++) {
        double rank = (double)doubled[i] / 2;
        mean += rank / 2;
        variance += rank * rank / 4;
    }
    double away = fmax(0, fabs((double)sum / 2 - mean) - 0.5);
    return erfc(away / sqrt(2 * variance));
}

/* Twice the rank of each of m sizes, ascending: of ties the mean of theirs. */
static void double_ranks(const struct ranked *v, size_t m, size_t *ret)
{
    for (size_t from = 0, to; from < m; from = to) {
        for (to = from + 1; to < m && v[to].size - v[from].size <= v[to].within + v[from].within;)
            to++;
        for (size_t i = from; i < to; i++)
            ret[i] = from + to + 1; /* twice the mean of ranks from + 1 .. to */
    }
}

/* ret: the differences by size; at the front those that are 0, whose number is returned. */
static size_t sort_sizes(const double *d, const double *within, size_t n, struct ranked *ret)
{
    size_t zeros = 0;
    for (size_t i = 0; i < n; i++) {
        bool zero = fabs(d[i]) <= within[i];
        ret[i] = (struct ranked){zero ? 0 : fabs(d[i]), zero ? 0 : within[i], d[i] > 0};
        zeros += zero;
    }
    qsort(ret, n, sizeof *ret, compare_sizes);
    return zeros;
}

double stats_wilcoxon(const double *d, const double *within, size_t n)
{
    struct ranked *v = mem_array(n, sizeof *v);
    size_t *doubled = mem_array(n, sizeof *doubled), sum = 0;
    size_t zeros = sort_sizes(d, within, n, v), m = n - zeros;
    double_ranks(v + zeros, m, doubled);
    for (size_t i = 0; i < m; i++)
        sum += v[zeros + i].positive ? doubled[i] : 0;
    double p = n == 0             ? (double)NAN
               : m == 0           ? 1
               : m <= EXACT_RANKS ? exact_share(doubled, m, sum)
                                  : normal_share(doubled, m, sum);
    mem_free(v);
    mem_free(doubled);
    return p;
}

double stats_sign_flip_least(size_t n)
{
    return n > 0 ? ldexp(1, 1 - (int)n) : (double)NAN; /* 2 of 2^n choices */
}

double stats_wilcoxon_least(const double *d, const double *within, size_t n)
{
    struct ranked *v = mem_array(n, sizeof *v);
    size_t *doubled = mem_array(n, sizeof *doubled), all = 0;
    bool is_exact = n - sort_sizes(d, within, n, v) <= EXACT_RANKS; /* as the test itself */
    double_ranks(v, n, doubled);
    for (size_t i = 0; i < n; i++)
        all += doubled[i];
    double p = is_exact ? stats_sign_flip_least(n) : normal_share(doubled, n, all);
    mem_free(v);
    mem_free(doubled);
    return p;
}

/* ---- differences that are not independent ---- */

struct stats_resampled stats_resampled_t(const double *d, size_t n, double ratio)
{
    struct stats_sample s = stats_spread(d, n);
    struct stats_resampled r = {(double)NAN, (double)NAN, (double)NAN};
    if (s.n < 2)
        return r;
    double freedom = (double)(s.n - 1), deviation = s.sd * sqrt(1 / (double)s.n + ratio),
           half = stats_t_quantile(0.975, freedom) * deviation;
    r.low = s.mean - half;
    r.high = s.mean + half;
    if (deviation > 0)
        r.p = 2 * stats_t(-fabs(s.mean) / deviation, freedom);
    return r;
}

/* ---- which of two is right more often ---- */

/* P(X <= k) of n fair coins is I_0.5(n - k, k + 1) (DLMF 8.17.5). */
double stats_mcnemar(size_t one, size_t other)
{
    size_t k = one < other ? one : other, n = one + other;
    return one == other ? 1 : fmin(1, 2 * stats_beta(0.5, (double)(n - k), (double)k + 1));
}

/* ---- many tests ---- */

void stats_holm(double *p, size_t n)
{
    size_t left = 0;
    bool *done = mem_array(n, sizeof *done);
    double before = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            left++;
    for (; left > 0; left--) {
        size_t next = n;
        for (size_t i = 0; i < n; i++)
            if (!done[i] && !isnan(p[i]) && (next == n || p[i] < p[next]))
                next = i;
        before = fmin(1, fmax(before, (double)left * p[next]));
        p[next] = before;
        done[next] = true;
    }
    mem_free(done);
}
