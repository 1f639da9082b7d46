#include "num/vec.h"
#include "util/processor.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Many running sums, so that the loop is vector code that waits for no sum, and its order depends
 * on n alone. */
enum { LANES = 64 };

static double total(const double *lane)
{
    double sum = 0;
    for (int l = 0; l < LANES; l++)
        sum += lane[l];
    return sum;
}

#define ACCUMULATE(term)                                                                           \
    double lane[LANES] = {0};                                                                      \
    size_t i = 0;                                                                                  \
    for (; i + LANES <= n; i += LANES)                                                             \
        for (size_t l = 0; l < LANES; l++)                                                         \
            lane[l] += term(i + l);                                                                \
    for (size_t l = 0; i + l < n; l++)                                                             \
        lane[l] += term(i + l);                                                                    \
    return total(lane)

#define PLAIN(j) (double)x[j]
#define SQUARE(j) (double)x[j] * (double)x[j]
#define MAGNITUDE(j) fabs((double)x[j])
#define PRODUCT(j) (double)x[j] * (double)y[j]

VECTORIZED_TO(double, vec_sum, (const float *x, size_t n), (x, n))
{
    ACCUMULATE(PLAIN);
}

VECTORIZED_TO(double, vec_sum_squares, (const float *x, size_t n), (x, n))
{
    ACCUMULATE(SQUARE);
}

/* ---- squares by a team: each thread has some of the lanes, a cache line of each LANES floats
 * ---- */

enum { LINE = 16, LINES = LANES / LINE };

static inline __attribute__((always_inline)) void add_squares(const float *x, size_t n,
                                                              double *ret_lane, size_t lanes)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < lanes; l++)
            lane[l] += SQUARE(i + l);
    for (size_t l = 0; l < lanes && i + l < n; l++)
        lane[l] += SQUARE(i + l);
    memcpy(ret_lane, lane, lanes * sizeof *lane);
}

/* x begins at the first of these lanes, n counts from there. */
static VECTORIZED(some_squares, (const float *x, size_t n, double *lane, size_t lines),
                  (x, n, lane, lines))
{
    if (lines == 1)
        add_squares(x, n, lane, LINE);
    else if (lines == 2)
        add_squares(x, n, lane, 2 * LINE);
    else if (lines == 3)
        add_squares(x, n, lane, 3 * LINE);
    else
        add_squares(x, n, lane, LANES);
}

struct squares {
    struct team *team;
    const float *x;
    size_t n;
    double lane[LANES];
};

static void share_of_squares(void *context, size_t part)
{
    struct squares *s = context;
    size_t first, lines;
    team_share(s->team, part, LINES, 1, &first, &lines);
    if (lines > 0)
        some_squares(s->x + first * LINE, s->n - first * LINE, s->lane + first * LINE, lines);
}

static const size_t worth_sharing = 200000; /* floats */

double vec_sum_squares_shared(struct team *team, const float *x, size_t n)
{
    struct squares s = {.team = team, .x = x, .n = n};
    if (!team || n < worth_sharing)
        return vec_sum_squares(x, n);
    team_run(team, share_of_squares, &s);
    return total(s.lane);
}

VECTORIZED_TO(double, vec_sum_abs, (const float *x, size_t n), (x, n))
{
    ACCUMULATE(MAGNITUDE);
}

VECTORIZED_TO(double, vec_dot, (const float *x, const float *y, size_t n), (x, y, n))
{
    ACCUMULATE(PRODUCT);
}

VECTORIZED(vec_scale, (float *x, float a, size_t n), (x, a, n))
{
    for (size_t i = 0; i < n; i++)
        x[i] *= a;
}

/* 0 itself does not count. */
static VECTORIZED_TO(bool, any_below, (const float *x, uint32_t least, size_t n), (x, least, n))
{
    uint32_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        any |= (bits << 1) - 1 < least - 1;
    }
    return any != 0;
}

static VECTORIZED(drop_below, (float *x, uint32_t least, size_t n), (x, least, n))
{
    for (size_t i = 0; i < n; i++)
        x[i] = vec_not_below(x[i], least);
}

/* There seldom are any, and reading costs less than writing. */
void vec_drop_tiny(float *x, size_t n)
{
    if (any_below(x, VEC_TINY, n))
        drop_below(x, VEC_TINY, n);
}

void vec_drop_subnormal(float *x, size_t n)
{
    if (any_below(x, VEC_NORMAL, n))
        drop_below(x, VEC_NORMAL, n);
}

VECTORIZED(vec_clamp, (float *x, float lo, float hi, size_t n), (x, lo, hi, n))
{
    for (size_t i = 0; i < n; i++) {
        float v = x[i] < lo ? lo : x[i];
        x[i] = v > hi ? hi : v;
    }
}

/* An exponent of ones alone is infinity or NaN. */
VECTORIZED_TO(bool, vec_all_finite, (const float *x, size_t n), (x, n))
{
    const uint32_t exponent = 0x7F800000;
    uint32_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        any |= (bits & exponent) == exponent;
    }
    return any == 0;
}
