/* Random numbers against published vectors and their own definition; vector loops, layouts and
 * matrix products against plain loops in double precision. */
#include "check_main.h"
#include "num/blas.h"
#include "num/random.h"
#include "num/ranks.h"
#include "num/sample.h"
#include "num/smooth.h"
#include "num/tensor.h"
#include "num/vec.h"
#include "util/mem.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define COUNT(v) (sizeof(v) / sizeof *(v))

static struct rng stream(uint64_t index)
{
    return rng_stream(20240229, RNG_TEST, index, 0);
}

/* ---- running means ---- */

enum { SERIES = 257 };

static void make_series(double *v)
{
    struct rng r = stream(77);
    for (int i = 0; i < SERIES; i++)
        v[i] = rng_uniform(&r);
    v[100] = 1e28; /* a spike, and gaps */
    v[3] = v[200] = (double)NAN;
    v[201] = (double)INFINITY;
}

START_TEST(each_window_is_its_own_sum)
{
    static const size_t widths[] = {1, 2, 3, 7, 16, 100, 256, 257, 258, 1000};
    double v[SERIES], s[SERIES];
    make_series(v);
    for (size_t k = 0; k < COUNT(widths); k++)
        for (int trailing = 0; trailing < 2; trailing++) {
            size_t w = widths[k], before = trailing ? w - 1 : (w - 1) / 2, after = w - 1 - before;
            smooth_mean(v, SERIES, trailing ? SMOOTH_TRAILING : SMOOTH_CENTRED, w, s);
            for (size_t i = 0; i < SERIES; i++) {
                double sum = 0, count = 0;
                for (size_t j = i > before ? i - before : 0; j <= i + after && j < SERIES; j++)
                    if (isfinite(v[j]))
                        sum += v[j], count++;
                if (isfinite(v[i]))
                    ck_assert_msg(fabs(s[i] - sum / count) <= 1e-12 * fabs(sum / count),
                                  "width %zu, point %zu: %g, not %g", w, i, s[i], sum / count);
                else
                    ck_assert(isnan(v[i]) ? isnan(s[i]) : isinf(s[i]));
            }
        }
}
END_TEST

/* s_i = sum of a (1 - a)^(i - j) v_j over the sum of these weights, a = 2 / (width + 1). */
START_TEST(exponential_weights)
{
    double v[SERIES], s[SERIES], a = 2.0 / 11;
    make_series(v);
    v[100] = 1;
    smooth_mean(v, SERIES, SMOOTH_EXPONENTIAL, 10, s);
    ck_assert_double_eq_tol(s[0], v[0], 1e-15);
    for (size_t i = 0; i < SERIES; i++) {
        double sum = 0, weights = 0, weight = a;
        for (size_t j = i + 1; j-- > 0;)
            if (isfinite(v[j])) {
                sum += weight * v[j];
                weights += weight;
                weight *= 1 - a;
            }
        if (isfinite(v[i]))
            ck_assert_double_eq_tol(s[i], sum / weights, 1e-12);
    }
}
END_TEST

/* ---- ranks and quartiles ---- */

/* numpy.quantile and scipy.stats.spearmanr of the same numbers; Demsar (2006), tables 5 and 6. */
START_TEST(quartiles_between_neighbours)
{
    static const double four[] = {4, 1, 2, 10, (double)NAN}, one[] = {3};
    struct stats_sample s = stats_summarize(four, 5), t = stats_summarize(one, 1),
                        none = stats_summarize(one, 0);
    ck_assert_double_eq_tol(s.quartile[0], 1.75, 1e-15);
    ck_assert_double_eq_tol(s.quartile[1], 3, 1e-15);
    ck_assert_double_eq_tol(s.quartile[2], 5.5, 1e-15);
    ck_assert_double_eq(t.quartile[0], 3);
    ck_assert_double_eq(t.quartile[2], 3);
    ck_assert(isnan(none.quartile[1]));
}
END_TEST

START_TEST(rank_correlations)
{
    static const double x[] = {1, 2, 3, 4, 5}, y[] = {5, 6, 7, 8, 7}, level[] = {1, 1, 1, 1, 1},
                        down[] = {9, 7, 5, 3, 1};
    static const double rate[] = {1, 2, 2, 4, 5, 6, (double)NAN},
                        lost[] = {3, 1, 4, -INFINITY, -INFINITY, -INFINITY, 9};
    ck_assert_double_eq_tol(stats_spearman(x, y, 5), 0.8207826816681233, 1e-15);
    ck_assert_double_eq_tol(stats_spearman(x, down, 5), -1, 1e-15);
    ck_assert_double_eq_tol(stats_spearman(rate, lost, 7), -0.8316554899054915, 1e-15);
    ck_assert(isnan(stats_spearman(x, level, 5)));
}
END_TEST

/* scipy.stats.kruskal of the groups {3, 1, 4, 1, 5}, {9, 2, 6, 5}, {3, 5, 8, 9, 7, 9}: H is
 * 5.63775757575757. */
START_TEST(explained_ranks)
{
    static const double x[] = {2, 2, 2, 2, 2, 7, 7, 7, 7, 9, 9, 9, 9, 9, 9},
                        y[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9};
    ck_assert_double_eq_tol(stats_explained(x, y, 15), 0.30314646464646416, 1e-14);
    ck_assert(isnan(stats_explained(x, x + 9, 6)) && isnan(stats_explained(y, y, 1)));
    ck_assert(isnan(stats_explained(x, y, 0)));
}
END_TEST

START_TEST(mean_ranks_and_their_difference)
{
    static const double q[] = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
    static const double cost[] = {1, 2, 3, /* solver by solver */ 1, 1, INFINITY, 5, 3, INFINITY};
    double rank[3];
    for (size_t k = 2; k <= 10; k++) {
        double n = (double)k, cd = q[k - 2] * sqrt(n * (n + 1) / (6 * 30));
        ck_assert_double_eq_tol(stats_critical_difference(k, 30), cd, 5e-4);
    }
    stats_mean_ranks(cost, 3, 3, 0, rank);
    ck_assert_double_eq_tol(rank[0], (1.5 + 2 + 1) / 3, 1e-15);
    ck_assert_double_eq_tol(rank[1], (1.5 + 1 + 2.5) / 3, 1e-15);
    ck_assert_double_eq_tol(rank[2], (3 + 3 + 2.5) / 3, 1e-15);
}
END_TEST

/* ---- Philox ---- */

/* Known answers of Random123 (Salmon et al. 2011): philox4x32-10. */
static const struct {
    uint32_t counter[4], key[2], block[4];
} published[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(philox_known_answers)
{
    uint32_t block[4];
    rng_philox(published[_i].counter, published[_i].key, block);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(block[i], published[_i].block[i]);
}
END_TEST

/* The vectorised form begins with block 0, which only the first of them is. */
START_TEST(fill_known_answer)
{
    const struct rng r = {.used = 4};
    uint32_t words[4];
    rng_fill(&r, words, 4);
    ck_assert_mem_eq(words, published[0].block, sizeof words);
}
END_TEST

/* A stream is the blocks of counters (0, 1, ...; purpose and part; index) under the seed as key. */
START_TEST(stream_is_blocks)
{
    const uint64_t seed = 0x123456789ABCDEF0u, index = 0xFEDCBA9876543210u;
    const uint32_t part = 0xABCDEF, key[2] = {0x9ABCDEF0u, 0x12345678u};
    struct rng r = rng_stream(seed, RNG_DROPOUT, index, part);
    for (uint32_t b = 0; b < 50; b++) {
        const uint32_t counter[4] = {b, 3u << 24 | 0xABCDEF, 0x76543210u, 0xFEDCBA98u};
        uint32_t block[4];
        rng_philox(counter, key, block);
        for (int i = 0; i < 4; i++)
            ck_assert_uint_eq(rng_u32(&r), block[i]);
    }
}
END_TEST

/* Numbers of purposes are part of every result. */
START_TEST(purposes_keep_their_numbers)
{
    ck_assert_int_eq(RNG_INIT, 1);
    ck_assert_int_eq(RNG_SHUFFLE, 2);
    ck_assert_int_eq(RNG_DROPOUT, 3);
    ck_assert_int_eq(RNG_SPLIT, 4);
    ck_assert_int_eq(RNG_DIGITS, 5);
    ck_assert_int_eq(RNG_SEARCH, 6);
    ck_assert_int_eq(RNG_TRACE, 7);
    ck_assert_int_eq(RNG_FIGURE, 8);
}
END_TEST

enum { LONGEST = 1000, GUARD = 20 };

/* Every length, at every alignment of a vector register; no word beside the end is touched. */
START_TEST(fill_is_the_same_words)
{
    uint32_t expected[LONGEST], out[LONGEST + 2 * GUARD];
    struct rng fresh = rng_stream(7, RNG_DROPOUT, 3, 2), r = fresh, copy = fresh;
    for (size_t i = 0; i < LONGEST; i++)
        expected[i] = rng_u32(&r);
    for (size_t n = 0; n <= LONGEST; n += n < 270 ? 1 : 73)
        for (size_t offset = 1; offset < GUARD - 1; offset += n % 2 ? 1 : 5) {
            memset(out, 0xA5, sizeof out);
            rng_fill(&fresh, out + offset, n);
            ck_assert(memcmp(out + offset, expected, n * sizeof *out) == 0);
            ck_assert_uint_eq(out[offset - 1], 0xA5A5A5A5u);
            ck_assert_uint_eq(out[offset + n], 0xA5A5A5A5u);
        }
    ck_assert_mem_eq(&fresh, &copy, sizeof fresh);
}
END_TEST

START_TEST(wider_draws_are_made_of_words)
{
    struct rng a = stream(1), b = stream(1), c = stream(1);
    for (int i = 0; i < 1001; i++) { /* odd counts: draws that straddle blocks */
        if (i % 7 == 0) {
            ck_assert_uint_eq(rng_u32(&a), rng_u32(&b));
            rng_u32(&c);
        }
        uint64_t low = rng_u32(&a), word = low | (uint64_t)rng_u32(&a) << 32;
        ck_assert_uint_eq(rng_u64(&b), word);
        double u = rng_uniform(&c);
        ck_assert(u == ldexp((double)(word >> 11), -53));
        ck_assert(u >= 0 && u < 1);
    }
}
END_TEST

/* ---- streams ---- */

static double correlation(struct rng a, struct rng b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (rng_uniform(&a) - 0.5) * (rng_uniform(&b) - 0.5);
    return 12 * sum / (double)n; /* the variance of U(0, 1) is 1/12 */
}

/* Streams whose names differ in one number: no common words, bits that agree half of the time, no
 * correlation. */
START_TEST(streams_are_independent)
{
    enum { WORDS = 4096, PAIRS = 20000 };
    const struct rng base = rng_stream(123, RNG_SHUFFLE, 5, 0);
    const struct rng other[] = {
        rng_stream(124, RNG_SHUFFLE, 5, 0),
        rng_stream(123, RNG_INIT, 5, 0),
        rng_stream(123, RNG_DROPOUT, 5, 0),
        rng_stream(123, RNG_SHUFFLE, 6, 0),
        rng_stream(123, RNG_SHUFFLE, 5, 1),
        rng_stream(123, RNG_SHUFFLE, 5 + (1ull << 32), 0),
        rng_stream(123, RNG_SHUFFLE, 5, 0xFFFFFF),
        rng_stream(123 + (1ull << 32), RNG_SHUFFLE, 5, 0),
    };
    for (size_t s = 0; s < COUNT(other); s++) {
        struct rng a = base, b = other[s];
        int differing = 0, equal = 0;
        for (int i = 0; i < WORDS; i++) {
            uint32_t x = rng_u32(&a) ^ rng_u32(&b);
            equal += x == 0;
            for (; x; x &= x - 1)
                differing++;
        }
        ck_assert_int_eq(equal, 0);
        /* 32 WORDS fair bits: five standard deviations */
        ck_assert(fabs(differing - 16.0 * WORDS) < 5 * sqrt(8.0 * WORDS));
        ck_assert(fabs(correlation(base, other[s], PAIRS)) < 5 / sqrt(PAIRS));
    }
}
END_TEST

START_TEST(a_stream_is_its_name)
{
    struct rng a = rng_stream(1, RNG_INIT, 2, 3), other = rng_stream(1, RNG_SHUFFLE, 2, 3);
    uint32_t first[100];
    for (size_t i = 0; i < COUNT(first); i++) {
        first[i] = rng_u32(&a);
        rng_normal(&other);
    }
    struct rng again = rng_stream(1, RNG_INIT, 2, 3);
    for (size_t i = 0; i < COUNT(first); i++)
        ck_assert_uint_eq(rng_u32(&again), first[i]);
}
END_TEST

/* ---- distributions; seeds are fixed, so that these pass always or never ---- */

/* Pearson's statistic of counts that should be equal. */
static double chi_square(const unsigned *count, size_t cells, double draws)
{
    double expected = draws / (double)cells, sum = 0;
    for (size_t i = 0; i < cells; i++)
        sum += (count[i] - expected) * (count[i] - expected) / expected;
    return sum;
}

/* The 1 - 1e-6 quantile of chi-square (Wilson and Hilferty 1931), and as far out below. */
static void assert_uniform(const unsigned *count, size_t cells, double draws)
{
    double k = (double)(cells - 1), z = 4.753424, s = 2 / (9 * k);
    double x = chi_square(count, cells, draws), high = k * pow(1 - s + z * sqrt(s), 3),
           low = k * pow(1 - s - z * sqrt(s), 3);
    ck_assert_msg(x < high && x > low, "chi-square %g of %zu cells, expected within (%g, %g)", x,
                  cells, low, high);
}

START_TEST(uniform_is_uniform)
{
    enum { CELLS = 100, DRAWS = 200000 };
    unsigned cell[CELLS] = {0}, pair[CELLS] = {0};
    struct rng r = stream(2);
    double last = rng_uniform(&r);
    for (int i = 0; i < DRAWS; i++) {
        double u = rng_uniform(&r);
        ck_assert(u >= 0 && u < 1);
        cell[(int)(u * CELLS)]++;
        pair[10 * (int)(last * 10) + (int)(u * 10)]++;
        last = u;
    }
    assert_uniform(cell, CELLS, DRAWS);
    assert_uniform(pair, CELLS, DRAWS);
}
END_TEST

START_TEST(normal_moments)
{
    enum { DRAWS = 200000 };
    const double n = DRAWS;
    struct rng r = stream(3);
    double m[5] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = rng_normal(&r), power = 1;
        ck_assert(isfinite(x));
        for (int k = 0; k < 5; k++, power *= x)
            m[k] += power / n;
    }
    /* E x^k = 0, 1, 0, 3; the variance of x^k is E x^2k - (E x^k)^2 = 1, 2, 15, 96 */
    ck_assert_double_eq_tol(m[1], 0, 5 * sqrt(1 / n));
    ck_assert_double_eq_tol(m[2], 1, 5 * sqrt(2 / n));
    ck_assert_double_eq_tol(m[3], 0, 5 * sqrt(15 / n));
    ck_assert_double_eq_tol(m[4], 3, 5 * sqrt(96 / n));
}
END_TEST

/* Through its distribution function a normal number is uniform: the tails and the middle, not the
 * moments alone. */
START_TEST(normal_distribution)
{
    enum { CELLS = 50, DRAWS = 100000 };
    unsigned cell[CELLS] = {0};
    struct rng r = stream(4);
    for (int i = 0; i < DRAWS; i++) {
        int c = (int)(CELLS * 0.5 * erfc(-rng_normal(&r) / sqrt(2)));
        cell[c < CELLS ? c : CELLS - 1]++;
    }
    assert_uniform(cell, CELLS, DRAWS);
}
END_TEST

/* Two words of 64 bits each time, whatever they give. */
START_TEST(normal_uses_two_draws)
{
    struct rng a = stream(5), b = stream(5);
    for (int i = 0; i < 100; i++) {
        double u = 1 - rng_uniform(&b), v = rng_uniform(&b), x = rng_normal(&a);
        ck_assert_double_eq_tol(x, sqrt(-2 * log(u)) * cos(2 * acos(-1) * v), 1e-14);
    }
    ck_assert_uint_eq(rng_u32(&a), rng_u32(&b));
}
END_TEST

START_TEST(below_is_below)
{
    static const uint64_t n[] = {1,
                                 2,
                                 3,
                                 7,
                                 10,
                                 1000,
                                 0xFFFFFFFFu,
                                 0x100000000u,
                                 0x100000001u,
                                 1ull << 63,
                                 (1ull << 63) + 1,
                                 UINT64_MAX - 1,
                                 UINT64_MAX};
    struct rng r = stream(6);
    for (size_t i = 0; i < COUNT(n); i++)
        for (int j = 0; j < 2000; j++)
            ck_assert_uint_lt(rng_below(&r, n[i]), n[i]);
}
END_TEST

/* A power of two takes the leading bits of one draw. */
START_TEST(below_a_power_of_two)
{
    struct rng a = stream(7), b = stream(7);
    for (int i = 0; i < 640; i++) {
        int k = 1 + i % 63;
        ck_assert_uint_eq(rng_below(&a, 1ull << k), rng_u64(&b) >> (64 - k));
    }
}
END_TEST

/* Of 3 * 2^62 numbers every third would come twice as often as the others if nothing were
 * rejected. */
START_TEST(below_is_unbiased)
{
    enum { DRAWS = 30000 };
    unsigned thirds[3] = {0}, tenths[10] = {0}, sevenths[7] = {0};
    struct rng r = stream(8);
    for (int i = 0; i < DRAWS; i++) {
        thirds[rng_below(&r, 3ull << 62) % 3]++;
        tenths[rng_below(&r, UINT64_MAX / 10 * 10) / (UINT64_MAX / 10)]++;
        sevenths[rng_below(&r, 7)]++;
    }
    assert_uniform(thirds, 3, DRAWS);
    assert_uniform(tenths, 10, DRAWS);
    assert_uniform(sevenths, 7, DRAWS);
}
END_TEST

START_TEST(shuffle_is_a_permutation)
{
    static const size_t size[] = {0, 1, 2, 3, 100, 54000};
    for (size_t s = 0; s < COUNT(size); s++) {
        size_t n = size[s];
        uint32_t *v = mem_array(n + 1, sizeof *v);
        unsigned char *seen = mem_new(n + 1);
        struct rng r = stream(9 + s);
        for (size_t i = 0; i < n; i++)
            v[i] = (uint32_t)i;
        v[n] = 0xDEAD;
        rng_shuffle(&r, v, n);
        for (size_t i = 0; i < n; i++) {
            ck_assert(v[i] < n && !seen[v[i]]);
            seen[v[i]] = 1;
        }
        ck_assert_uint_eq(v[n], 0xDEAD);
        mem_free(v);
        mem_free(seen);
    }
}
END_TEST

/* All 24 orders of four things are as likely. */
START_TEST(orders_are_equally_likely)
{
    enum { DRAWS = 48000 };
    unsigned order[24] = {0};
    struct rng r = stream(20);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t v[4] = {0, 1, 2, 3};
        rng_shuffle(&r, v, 4);
        unsigned rank = 0; /* in the factorial number system */
        for (unsigned a = 0; a < 4; a++) {
            unsigned smaller = 0;
            for (unsigned b = a + 1; b < 4; b++)
                smaller += v[b] < v[a];
            rank = rank * (4 - a) + smaller;
        }
        order[rank]++;
    }
    assert_uniform(order, 24, DRAWS);
}
END_TEST

/* Where a thing ends up does not depend on where it was. */
START_TEST(places_are_equally_likely)
{
    enum { N = 12, DRAWS = 24000 };
    unsigned place[N][N] = {0};
    for (uint64_t epoch = 0; epoch < DRAWS;
         epoch++) { /* the first use of many streams, as epochs do */
        struct rng r = rng_stream(123, RNG_SHUFFLE, epoch, 0);
        uint32_t v[N];
        for (uint32_t i = 0; i < N; i++)
            v[i] = i;
        rng_shuffle(&r, v, N);
        for (size_t i = 0; i < N; i++)
            place[v[i]][i]++;
    }
    for (size_t i = 0; i < N; i++)
        assert_uniform(place[i], N, DRAWS);
}
END_TEST

/* ---- vectors ---- */

static const size_t length[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 255, 1000};
enum { OFFSETS = 4, ROOM = 1000 + OFFSETS + 1 };

/* Whole numbers up to 2^20: sums and products are exact in double precision in any order, and not
 * in float. */
static void whole_numbers(float *x, size_t n, uint64_t index)
{
    struct rng r = stream(index);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)((double)rng_below(&r, 1 << 21) - (1 << 20));
}

static void normal_numbers(float *x, size_t n, uint64_t index)
{
    struct rng r = stream(index);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(rng_normal(&r) * exp(3 * rng_normal(&r)));
}

struct sums {
    double sum, squares, abs, dot;
};

static struct sums plain_sums(const float *x, const float *y, size_t n)
{
    struct sums s = {0};
    for (size_t i = 0; i < n; i++) {
        s.sum += (double)x[i];
        s.squares += (double)x[i] * (double)x[i];
        s.abs += fabs((double)x[i]);
        s.dot += (double)x[i] * (double)y[i];
    }
    return s;
}

static struct sums vec_sums(const float *x, const float *y, size_t n)
{
    return (struct sums){vec_sum(x, n), vec_sum_squares(x, n), vec_sum_abs(x, n), vec_dot(x, y, n)};
}

START_TEST(sums_of_whole_numbers)
{
    float x[ROOM], y[ROOM];
    size_t n = length[_i];
    for (size_t offset = 0; offset < OFFSETS; offset++) {
        whole_numbers(x, ROOM, 30);
        whole_numbers(y, ROOM, 31);
        x[offset + n] = y[offset + n] = NAN; /* not read */
        struct sums a = vec_sums(x + offset, y + offset, n),
                    b = plain_sums(x + offset, y + offset, n);
        ck_assert(a.sum == b.sum && a.squares == b.squares && a.abs == b.abs && a.dot == b.dot);
    }
}
END_TEST

/* Rounding of n double additions: at most n 2^-53 of the sum of magnitudes. */
START_TEST(sums_of_any_numbers)
{
    float x[ROOM], y[ROOM];
    size_t n = length[_i];
    normal_numbers(x, ROOM, 32);
    normal_numbers(y, ROOM, 33);
    struct sums a = vec_sums(x, y, n), b = plain_sums(x, y, n);
    double magnitude = 0;
    for (size_t i = 0; i < n; i++)
        magnitude += fabs((double)x[i] * (double)y[i]);
    double u = 2 * (double)(n + 1) * 0x1p-53;
    ck_assert(fabs(a.sum - b.sum) <= u * b.abs);
    ck_assert(fabs(a.squares - b.squares) <= u * b.squares);
    ck_assert(fabs(a.abs - b.abs) <= u * b.abs);
    ck_assert(fabs(a.dot - b.dot) <= u * magnitude);
}
END_TEST

/* The order of a sum depends on n alone: not on where the vector lies. */
START_TEST(sums_have_the_same_bits)
{
    float buffer[2][ROOM + 16], y[ROOM];
    size_t n = length[_i];
    normal_numbers(buffer[0], ROOM, 34);
    normal_numbers(y, ROOM, 35);
    struct sums first = vec_sums(buffer[0], y, n);
    for (size_t offset = 0; offset < 16; offset++) {
        memcpy(buffer[1] + offset, buffer[0], n * sizeof(float));
        struct sums again = vec_sums(buffer[1] + offset, y, n);
        ck_assert_mem_eq(&again, &first, sizeof first);
    }
}
END_TEST

START_TEST(squares_do_not_overflow)
{
    const float big[] = {3e38f, -3e38f}, small[] = {1e-38f};
    ck_assert(vec_sum_squares(big, 2) == 2 * ((double)3e38f * (double)3e38f));
    ck_assert(vec_sum_squares(small, 1) == (double)1e-38f * (double)1e-38f);
    ck_assert(vec_sum(big, 2) == 0);
}
END_TEST

/* Number i goes to lane i mod 64, and the lanes are added from the first on: on every machine. */
START_TEST(sums_have_64_lanes)
{
    float x[ROOM], y[ROOM];
    double lane[4][64] = {{0}}, sum[4] = {0};
    size_t n = length[_i];
    normal_numbers(x, ROOM, 36);
    normal_numbers(y, ROOM, 37);
    for (size_t i = 0; i < n; i++) {
        lane[0][i % 64] += (double)x[i];
        lane[1][i % 64] += (double)x[i] * (double)x[i];
        lane[2][i % 64] += fabs((double)x[i]);
        lane[3][i % 64] += (double)x[i] * (double)y[i];
    }
    for (int k = 0; k < 4; k++)
        for (int l = 0; l < 64; l++)
            sum[k] += lane[k][l];
    struct sums a = vec_sums(x, y, n);
    ck_assert_mem_eq(&a, sum, sizeof a);
}
END_TEST

START_TEST(sums_pass_on_what_is_not_finite)
{
    float x[33] = {0}, y[33] = {0};
    x[_i] = NAN;
    ck_assert(isnan(vec_sum(x, 33)) && isnan(vec_sum_squares(x, 33)) && isnan(vec_sum_abs(x, 33)) &&
              isnan(vec_dot(x, y, 33)));
    x[_i] = -INFINITY;
    ck_assert(vec_sum(x, 33) == -(double)INFINITY && vec_sum_squares(x, 33) == (double)INFINITY &&
              vec_sum_abs(x, 33) == (double)INFINITY);
    x[_i] = FLT_MAX;
    ck_assert(vec_all_finite(x, 33));
    static const float wrong[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        x[_i] = wrong[i];
        ck_assert(!vec_all_finite(x, 33));
        ck_assert(vec_all_finite(x, (size_t)_i));
    }
}
END_TEST

START_TEST(scale_and_clamp)
{
    float x[ROOM], scaled[ROOM], clamped[ROOM];
    size_t n = length[_i];
    normal_numbers(x, ROOM, 36);
    for (size_t offset = 0; offset < OFFSETS; offset++) {
        memcpy(scaled, x, sizeof x);
        memcpy(clamped, x, sizeof x);
        vec_scale(scaled + offset, 0.3f, n);
        vec_clamp(clamped + offset, -0.25f, 0.5f, n);
        for (size_t i = 0; i < ROOM; i++) {
            bool within = i >= offset && i < offset + n;
            float s = within ? (float)((double)x[i] * (double)0.3f) : x[i];
            float c = within ? (x[i] < -0.25f ? -0.25f : x[i] > 0.5f ? 0.5f : x[i]) : x[i];
            ck_assert(scaled[i] == s && clamped[i] == c);
        }
    }
}
END_TEST

START_TEST(clamp_keeps_nan)
{
    float x[] = {NAN, -INFINITY, INFINITY, -1, 1, 0};
    vec_clamp(x, -1, 1, COUNT(x));
    ck_assert(isnan(x[0]) && x[1] == -1 && x[2] == 1 && x[3] == -1 && x[4] == 1 && x[5] == 0);
}
END_TEST

/* ---- tensors ---- */

static const struct tensor_shape shapes[] = {
    {1, 1, 1, 0, 0},  {3, 5, 3, 0, 0},    {3, 5, 4, 0, 0},  {16, 7, 16, 0, 0}, {17, 2, 32, 0, 0},
    {7, 1, 16, 0, 0}, {10, 45, 16, 0, 0}, {1, 9, 16, 0, 0}, {75, 33, 80, 0, 0}};

/* Element (r, c) lies at c ld + r; what lies between the columns is zero, and is not read. */
START_TEST(tensor_layout)
{
    const struct tensor_shape *s = &shapes[_i];
    size_t stored = tensor_stored(s), n = s->rows * s->cols;
    float *canonical = mem_array(n + 1, sizeof(float)), *back = mem_array(n + 1, sizeof(float));
    float *w = mem_array(stored + 1, sizeof(float));
    ck_assert_uint_eq(stored, s->cols * s->ld);
    normal_numbers(canonical, n, 40);
    for (size_t i = 0; i <= stored; i++)
        w[i] = NAN;
    tensor_unpack(s, canonical, w);
    for (size_t c = 0; c < s->cols; c++)
        for (size_t r = 0; r < s->ld; r++)
            ck_assert(w[c * s->ld + r] == (r < s->rows ? canonical[r * s->cols + c] : 0));
    ck_assert(isnan(w[stored]));
    for (size_t c = 0; c < s->cols; c++)
        for (size_t r = s->rows; r < s->ld; r++)
            w[c * s->ld + r] = NAN;
    back[n] = 5;
    tensor_pack(s, w, back);
    ck_assert(memcmp(back, canonical, n * sizeof(float)) == 0);
    ck_assert(back[n] == 5);
    mem_free(canonical);
    mem_free(back);
    mem_free(w);
}
END_TEST

START_TEST(matrices_and_vectors)
{
    ck_assert(tensor_is_matrix(TENSOR_HIDDEN) && tensor_is_matrix(TENSOR_OUTPUT));
    ck_assert(!tensor_is_matrix(TENSOR_BIAS) && !tensor_is_matrix(TENSOR_NORM));
}
END_TEST

/* ---- matrix products ---- */

static const struct {
    size_t m, n, k;
} products[] = {{1, 1, 1},    {1, 17, 5},   {9, 1, 16},   {3, 5, 7},
                {16, 16, 16}, {17, 33, 15}, {48, 80, 31}, {64, 10, 257}};
static const struct {
    float alpha, beta;
} factors[] = {{1, 0}, {1, 1}, {-2, 0.5f}, {0, 1}};

struct matrix {
    size_t rows, cols, ld;
    float *v;
};

/* The padding is NaN: whatever reads it shows. */
static struct matrix matrix_new(size_t rows, size_t cols, size_t extra)
{
    struct matrix a = {.rows = rows, .cols = cols, .ld = cols + extra};
    a.v = mem_array(rows * a.ld + 1, sizeof(float));
    for (size_t i = 0; i < rows * a.ld; i++)
        a.v[i] = NAN;
    return a;
}

static struct matrix whole_matrix(size_t rows, size_t cols, size_t extra, struct rng *r)
{
    struct matrix a = matrix_new(rows, cols, extra);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            a.v[i * a.ld + j] = (float)((int)rng_below(r, 33) - 16);
    return a;
}

static struct matrix normal_matrix(size_t rows, size_t cols, size_t extra, struct rng *r)
{
    struct matrix a = matrix_new(rows, cols, extra);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            a.v[i * a.ld + j] = (float)rng_normal(r);
    return a;
}

static struct matrix matrix_copy(const struct matrix *a)
{
    struct matrix b = matrix_new(a->rows, a->cols, a->ld - a->cols);
    memcpy(b.v, a->v, a->rows * a->ld * sizeof(float));
    return b;
}

static double at(const struct matrix *a, bool transposed, size_t i, size_t j)
{
    return (double)(transposed ? a->v[j * a->ld + i] : a->v[i * a->ld + j]);
}

struct case_of_blas {
    bool ta, tb;
    size_t m, n, k;
    float alpha, beta;
    struct matrix a, b, c;
};

static void multiply(const struct case_of_blas *p, const struct matrix *c)
{
    blas_gemm(&(struct product){.transpose_a = p->ta,
                                .transpose_b = p->tb,
                                .m = p->m,
                                .n = p->n,
                                .k = p->k,
                                .a = p->a.v,
                                .lda = p->a.ld,
                                .b = p->b.v,
                                .ldb = p->b.ld,
                                .c = c->v,
                                .ldc = c->ld},
              p->alpha, p->beta);
}

static double element(const struct case_of_blas *p, size_t i, size_t j, double *ret_magnitude)
{
    double sum = 0, magnitude = 0;
    for (size_t l = 0; l < p->k; l++) {
        double term = at(&p->a, p->ta, i, l) * at(&p->b, p->tb, l, j);
        sum += term;
        magnitude += fabs(term);
    }
    double before = p->beta != 0 ? (double)p->beta * at(&p->c, false, i, j) : 0;
    *ret_magnitude = fabs((double)p->alpha) * magnitude + fabs(before);
    return (double)p->alpha * sum + before;
}

/* tolerance: in units of the sum of magnitudes */
static void check_product(const struct case_of_blas *p, double tolerance)
{
    struct matrix c = matrix_copy(&p->c), again = matrix_copy(&p->c);
    multiply(p, &c);
    multiply(p, &again);
    ck_assert(memcmp(c.v, again.v, c.rows * c.ld * sizeof(float)) == 0);
    for (size_t i = 0; i < p->m; i++) {
        for (size_t j = 0; j < p->n; j++) {
            double magnitude, expected = element(p, i, j, &magnitude);
            ck_assert(fabs((double)c.v[i * c.ld + j] - expected) <= tolerance * magnitude);
        }
        for (size_t j = p->n; j < c.ld; j++)
            ck_assert(isnan(c.v[i * c.ld + j]));
    }
    mem_free(c.v);
    mem_free(again.v);
}

/* All transposes, factors and sizes, leading dimensions larger than the width. A beta of zero does
 * not read C. */
static void check_products(size_t size, struct matrix (*fill)(size_t, size_t, size_t, struct rng *),
                           double tolerance)
{
    struct rng r = stream(50 + size);
    size_t m = products[size].m, n = products[size].n, k = products[size].k;
    for (int t = 0; t < 4; t++)
        for (size_t f = 0; f < COUNT(factors); f++) {
            struct case_of_blas p = {.ta = t & 1,
                                     .tb = t & 2,
                                     .m = m,
                                     .n = n,
                                     .k = k,
                                     .alpha = factors[f].alpha,
                                     .beta = factors[f].beta};
            p.a = p.ta ? fill(k, m, 3, &r) : fill(m, k, 5, &r);
            p.b = p.tb ? fill(n, k, 2, &r) : fill(k, n, 7, &r);
            p.c = p.beta != 0 ? fill(m, n, 6, &r) : matrix_new(m, n, 6);
            check_product(&p, tolerance);
            mem_free(p.a.v);
            mem_free(p.b.v);
            mem_free(p.c.v);
        }
}

/* Products of small whole numbers are exact in float, whatever the order. */
START_TEST(gemm_exact)
{
    check_products((size_t)_i, whole_matrix, 0);
}
END_TEST

/* k products and sums, a factor and a last sum, each rounded to 2^-24. */
START_TEST(gemm_rounded)
{
    check_products((size_t)_i, normal_matrix, (double)(products[_i].k + 3) * 0x1p-24);
}
END_TEST

START_TEST(gemm_of_nothing)
{
    float a[4] = {1, 2, 3, 4}, b[4] = {5, 6, 7, 8}, c[4] = {1, 2, 3, 4};
    struct product p = {
        .m = 2, .n = 2, .k = 0, .a = a, .lda = 2, .b = b, .ldb = 2, .c = c, .ldc = 2};
    blas_gemm(&p, 1, 0.5f);
    ck_assert(c[0] == 0.5f && c[1] == 1 && c[2] == 1.5f && c[3] == 2);
    p.k = 2;
    p.m = 0;
    blas_gemm(&p, 1, 0);
    p.m = 2;
    p.n = 0;
    blas_gemm(&p, 1, 0);
    ck_assert(c[0] == 0.5f && c[3] == 2);
}
END_TEST

START_TEST(the_library_has_a_name)
{
    char name[64], cut[6];
    blas_name(name, sizeof name);
    blas_name(cut, sizeof cut);
    ck_assert(strncmp(name, "OpenBLAS ", 9) == 0 && name[9] >= '0' && name[9] <= '9');
    ck_assert_str_eq(cut, "OpenB");
    ck_assert(strstr(blas_config(), name) == blas_config());
    ck_assert_uint_gt(strlen(blas_kernel()), 0);
}
END_TEST

/* ---- */

static void add_random(Suite *s)
{
    TCase *t = tcase_create("random");
    tcase_add_loop_test(t, philox_known_answers, 0, COUNT(published));
    tcase_add_test(t, fill_known_answer);
    tcase_add_test(t, stream_is_blocks);
    tcase_add_test(t, purposes_keep_their_numbers);
    tcase_add_test(t, fill_is_the_same_words);
    tcase_add_test(t, wider_draws_are_made_of_words);
    tcase_add_test(t, streams_are_independent);
    tcase_add_test(t, a_stream_is_its_name);
    tcase_add_test(t, uniform_is_uniform);
    tcase_add_test(t, normal_moments);
    tcase_add_test(t, normal_distribution);
    tcase_add_test(t, normal_uses_two_draws);
    tcase_add_test(t, below_is_below);
    tcase_add_test(t, below_a_power_of_two);
    tcase_add_test(t, below_is_unbiased);
    tcase_add_test(t, shuffle_is_a_permutation);
    tcase_add_test(t, orders_are_equally_likely);
    tcase_add_test(t, places_are_equally_likely);
    suite_add_tcase(s, t);
}

int main(void)
{
    Suite *s = suite_create("num");
    TCase *means = tcase_create("means");
    tcase_add_test(means, each_window_is_its_own_sum);
    tcase_add_test(means, exponential_weights);
    tcase_add_test(means, quartiles_between_neighbours);
    tcase_add_test(means, rank_correlations);
    tcase_add_test(means, explained_ranks);
    tcase_add_test(means, mean_ranks_and_their_difference);
    suite_add_tcase(s, means);
    add_random(s);

    TCase *t = tcase_create("vec");
    tcase_add_loop_test(t, sums_of_whole_numbers, 0, COUNT(length));
    tcase_add_loop_test(t, sums_of_any_numbers, 0, COUNT(length));
    tcase_add_loop_test(t, sums_have_the_same_bits, 0, COUNT(length));
    tcase_add_loop_test(t, sums_have_64_lanes, 0, COUNT(length));
    tcase_add_test(t, squares_do_not_overflow);
    tcase_add_loop_test(t, sums_pass_on_what_is_not_finite, 0, 33);
    tcase_add_loop_test(t, scale_and_clamp, 0, COUNT(length));
    tcase_add_test(t, clamp_keeps_nan);
    suite_add_tcase(s, t);

    t = tcase_create("tensor");
    tcase_add_loop_test(t, tensor_layout, 0, COUNT(shapes));
    tcase_add_test(t, matrices_and_vectors);
    suite_add_tcase(s, t);

    t = tcase_create("blas");
    tcase_add_loop_test(t, gemm_exact, 0, COUNT(products));
    tcase_add_loop_test(t, gemm_rounded, 0, COUNT(products));
    tcase_add_test(t, gemm_of_nothing);
    tcase_add_test(t, the_library_has_a_name);
    suite_add_tcase(s, t);
    return check_main(s);
}
