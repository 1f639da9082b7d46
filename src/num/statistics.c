#include "num/statistics.h"
#include "util/mem.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { EXACT_RANKS = 200 };

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

bool stats_leads(const struct stats_sample *x, bool x_lost, const struct stats_sample *y,
                 bool y_lost, bool rises)
{
    if (x->n == 0 || y->n == 0)
        return x->n > 0 && y->n == 0;
    if (x_lost != y_lost)
        return !x_lost;
    return rises ? x->mean > y->mean : x->mean < y->mean;
}

/* ---- counts ---- */

void stats_wilson(size_t hits, size_t n, double *low, double *high)
{
    const double z = 1.959963984540054; /* the normal distribution's 0.975 quantile */
    double m = (double)n, p = (double)hits / m, z2 = z * z;
    double middle = (p + z2 / (2 * m)) / (1 + z2 / m),
           half = z / (1 + z2 / m) * sqrt(p * (1 - p) / m + z2 / (4 * m * m));
    *low = hits == 0 ? 0 : middle - half;
    *high = hits == n ? 1 : middle + half;
}

/* P(X <= k) of n fair coins is I_0.5(n - k, k + 1) (DLMF 8.17.5). */
double stats_mcnemar(size_t one, size_t other)
{
    size_t k = one < other ? one : other, n = one + other;
    return one == other ? 1 : fmin(1, 2 * stats_beta(0.5, (double)(n - k), (double)k + 1));
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

/* ---- Student's t ---- */

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

/* ---- ranks ---- */

struct placed {
    double v;
    size_t at;
};

static int compare_placed(const void *a, const void *b)
{
    return compare_numbers(&((const struct placed *)a)->v, &((const struct placed *)b)->v);
}

bool stats_alike(double x, double y, double within)
{
    if (!isfinite(x) || !isfinite(y))
        return !(x < y) && !(x > y);
    return fabs(x - y) <= within + 2 * STATS_NINE_DIGITS * fmax(fabs(x), fabs(y));
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
