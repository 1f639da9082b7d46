#include "num/math.h"

/* ---- exp ---- */

/* e^(x + more) - 1 - r and the exponent k, where x = k ln 2 + r. */
static double reduced(double x, double more, int64_t *ret_k, double *ret_r)
{
    double t = x * math_log2_e + math_shifter, k = t - math_shifter;
    double high = x - k * math_ln2_1, low = k * math_ln2_2 - more, r = high - low;
    double lost = (high - r) - low;
    *ret_k = (int64_t)(math_bits(t) - math_bits(math_shifter));
    *ret_r = r;
    return (r * r) * math_poly_exp(r) + (lost + lost * r);
}

/* x 2^k; in two steps, since 2^k alone may be out of range. */
static double scaled(double x, int64_t k)
{
    int64_t half = k / 2;
    return x * math_of_bits((uint64_t)(half + 1023) << 52) *
           math_of_bits((uint64_t)(k - half + 1023) << 52);
}

/* e^(x + more), more below half a unit in the last place of x. */
static double exp_of_sum(double x, double more)
{
    int64_t k;
    double r;
    if (isnan(x))
        return x;
    if (x > 710)
        return (double)INFINITY;
    if (x < -746)
        return 0;
    double rest = reduced(x, more, &k, &r);
    return scaled(1 + (r + rest), k);
}

double math_exp(double x)
{
    return exp_of_sum(x, 0);
}

double math_expm1(double x)
{
    int64_t k;
    double r;
    if (isnan(x) || x == 0)
        return x;
    if (x > 710)
        return (double)INFINITY;
    if (x < -60)
        return -1;
    double rest = reduced(x, 0, &k, &r);
    if (k == 0)
        return r + rest;
    if (k > 60)
        return scaled(1 + (r + rest), k);
    /* 2^k - 1 and 2^k r, each rounded at most once, their sum with what it loses */
    double power = math_of_bits((uint64_t)(k + 1023) << 52), a = power - 1, b = power * r;
    double below = (power - a) - 1, sum = a + b, t = sum - a, lost = (a - (sum - t)) + (b - t);
    return sum + (lost + below + power * rest);
}

double math_tanh(double x)
{
    double a = fabs(x);
    if (isnan(x) || x == 0)
        return x;
    double e = a < 0.5 ? math_expm1(-2 * a) : math_exp(-2 * a);
    double y = a < 0.5 ? -e / (e + 2) : a > 22 ? 1 : 1 - 2 * e / (1 + e);
    return x < 0 ? -y : y;
}

double math_hypot(double x, double y)
{
    double a = fabs(x), b = fabs(y), most = a > b ? a : b, least = a > b ? b : a;
    if (isinf(a) || isinf(b))
        return (double)INFINITY;
    if (isnan(x) || isnan(y) || most == 0)
        return x + y == 0 ? 0 : (double)NAN;
    double ratio = least / most;
    return most * sqrt(1 + ratio * ratio);
}

/* ---- log ---- */

/* x = 2^k (1 + f), 1 + f from sqrt(1/2) to sqrt(2); x > 0. */
static double split(double x, double *ret_f)
{
    double below = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        below = 54;
    }
    return math_split(x, ret_f) - below;
}

double math_log(double x)
{
    double f;
    if (isnan(x) || x == (double)INFINITY)
        return x;
    if (x == 0)
        return -(double)INFINITY;
    if (x < 0)
        return (double)NAN;
    double k = split(x, &f);
    return math_log_of_parts(k, f);
}

/* ---- numbers of two doubles ---- */

struct two {
    double high, low;
};

static struct two of_sum(double a, double b)
{
    double s = a + b, t = s - a;
    return (struct two){s, (a - (s - t)) + (b - t)};
}

/* |a| >= |b|. */
static struct two of_ordered_sum(double a, double b)
{
    double s = a + b;
    return (struct two){s, b - (s - a)};
}

/* Dekker, A floating-point technique for extending the available precision, 1971. */
static struct two of_product(double a, double b)
{
    double c = 0x1.0000002p27 * a, d = 0x1.0000002p27 * b, p = a * b;
    double a_high = c - (c - a), a_low = a - a_high, b_high = d - (d - b), b_low = b - b_high;
    return (struct two){p,
                        ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

static struct two times(struct two a, struct two b)
{
    struct two p = of_product(a.high, b.high);
    return of_ordered_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

static struct two plus(struct two a, struct two b)
{
    struct two s = of_sum(a.high, b.high);
    return of_ordered_sum(s.high, s.low + (a.low + b.low));
}

/* ---- pow ---- */

/* log x of x > 0 to some 68 bits: k ln 2 + 2 (s + s z (1/3 + z (1/5 + z T(z)))). */
static struct two precise_log(double x)
{
    double f, k = split(x, &f);
    struct two d = of_sum(2, f);
    double quotient = f / d.high;
    struct two p = of_product(quotient, d.high);
    struct two s = of_ordered_sum(quotient, (((f - p.high) - p.low) - quotient * d.low) / d.high);
    struct two z = times(s, s), third = {math_third_1, math_third_2},
               fifth = {math_fifth_1, math_fifth_2},
               sum = plus(fifth, (struct two){z.high * math_poly_log_tail(z.high), 0});
    sum = plus(third, times(z, sum));
    sum = plus(s, times(s, times(z, sum)));
    struct two ln2 = of_sum(k * math_ln2_exact_1, k * math_ln2_exact_2);
    ln2.low += k * math_ln2_exact_3;
    return plus(ln2, (struct two){2 * sum.high, 2 * sum.low});
}

enum whole { FRACTION, EVEN, ODD };

static enum whole whole_of(double y)
{
    double a = fabs(y);
    if (a >= 0x1p53)
        return EVEN;
    int64_t n = (int64_t)a;
    return (double)n != a ? FRACTION : n % 2 != 0 ? ODD : EVEN;
}

/* a^y of a >= 0, where none of them is NaN, y is not 0 and a not 1. */
static double positive_pow(double a, double y)
{
    bool grows = (a > 1) == (y > 0);
    if (a == 0 || a == (double)INFINITY || fabs(y) > 0x1p70)
        return grows ? (double)INFINITY : 0;
    struct two l = precise_log(a), p = of_product(y, l.high);
    if (!(fabs(p.high) < 1000))
        return grows ? (double)INFINITY : 0;
    p = of_ordered_sum(p.high, p.low + y * l.low);
    return exp_of_sum(p.high, p.low);
}

double math_pow(double x, double y)
{
    if (y == 0 || x == 1)
        return 1;
    if (isnan(x) || isnan(y))
        return (double)NAN;
    double a = fabs(x);
    enum whole whole = whole_of(y);
    if (x < 0 && whole == FRACTION && a < (double)INFINITY)
        return (double)NAN;
    double power = a == 1 ? 1 : positive_pow(a, y);
    return signbit(x) && whole == ODD ? -power : power;
}

/* ---- sin and cos ---- */

__extension__ typedef unsigned __int128 wide;

/* |x| = n pi/2 + y of |x| >= 2^19; returns n modulo 4. |x| = m 2^e times four words of 2 / pi,
 * those before which only give multiples of 4 (Payne and Hanek, Radian reduction for trigonometric
 * functions, 1983). */
static unsigned reduce_large(double a, struct two *ret_y)
{
    uint64_t u = math_bits(a), m = (u & 0xFFFFFFFFFFFFF) | (uint64_t)1 << 52, product[5];
    int e = (int)(u >> 52) - 1075, first = e < 2 ? 0 : (e - 2) / 64;
    wide carry = 0;
    for (int k = 0; k < 4; k++) {
        int at = first + 3 - k;
        carry += (wide)m * (at < 21 ? math_2_over_pi_words[at] : 0);
        product[k] = (uint64_t)carry;
        carry >>= 64;
    }
    product[4] = (uint64_t)carry;
    /* the two bits before the point to the top: from 29 to 127 places up */
    int up = 126 + e - 64 * (first + 1);
    uint64_t top[3];
    for (int k = 0; k < 3; k++) {
        int at = 4 - k - up / 64, by = up % 64;
        uint64_t low = at > 0 ? product[at - 1] : 0;
        top[k] = by == 0 ? product[at] : product[at] << by | low >> (64 - by);
    }
    unsigned n = (unsigned)(top[0] >> 62);
    wide fraction = ((wide)top[0] << 64 | top[1]) << 2 | top[2] >> 62;
    bool above = fraction >> 127;
    if (above) {
        n = (n + 1) % 4;
        fraction = -fraction;
    }
    int zeros = 0;
    for (; zeros < 127 && !(fraction >> 127); zeros++)
        fraction <<= 1;
    double unit = math_of_bits((uint64_t)(1023 - zeros - 53) << 52);
    struct two part = {(double)(uint64_t)(fraction >> 75) * unit,
                       (double)(uint64_t)((fraction >> 22) & 0x1FFFFFFFFFFFFF) * unit * 0x1p-53};
    *ret_y = times(part, (struct two){math_pi_over_2_1, math_pi_over_2_2});
    if (above)
        *ret_y = (struct two){-ret_y->high, -ret_y->low};
    return n;
}

/* The same below 2^19: n times a part of 33 bits of pi / 2 is exact. */
static unsigned reduce_small(double a, struct two *ret_y)
{
    double t = a * math_2_over_pi + math_shifter, n = t - math_shifter;
    struct two y = of_sum(a - n * math_half_pi_1, -(n * math_half_pi_2));
    struct two z = of_sum(y.high, -(n * math_half_pi_3));
    *ret_y = of_ordered_sum(z.high, z.low + y.low - n * math_half_pi_4);
    return (unsigned)(math_bits(t) & 3);
}

static double sin_near(struct two y)
{
    double z = y.high * y.high;
    return y.high + (y.low + (y.high * z * math_poly_sin(z) - 0.5 * z * y.low));
}

static double cos_near(struct two y)
{
    double z = y.high * y.high, half = 0.5 * z, one = 1 - half;
    return one + (((1 - one) - half) + (z * z * math_poly_cos(z) - y.high * y.low));
}

/* sin(|x| + quarters pi/2). */
static double wave(double x, unsigned quarters)
{
    double a = fabs(x);
    if (!(a < (double)INFINITY))
        return (double)NAN;
    struct two y = {a, 0};
    if (a > 0x1.921fb54442d18p-1)
        quarters += a < 0x1p19 ? reduce_small(a, &y) : reduce_large(a, &y);
    double value = quarters % 2 == 0 ? sin_near(y) : cos_near(y);
    return quarters % 4 < 2 ? value : -value;
}

double math_sin(double x)
{
    if (x == 0)
        return x;
    double y = wave(x, 0);
    return x < 0 ? -y : y;
}

double math_cos(double x)
{
    return wave(x, 1);
}
