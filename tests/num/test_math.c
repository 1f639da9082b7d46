/* The elementary functions against the library's wider ones, at a sample of all floats (all of them
 * where DESCENT_ALL_FLOATS is set) and at millions of doubles; special values; that monotone
 * functions are; and digests of their bits, for what is rounded to float before it counts hides
 * nearly every other way to compute it. */
#include "check_main.h"
#include "digest.h"
#include "num/math.h"
#include "num/random.h"
#include "util/processor.h"
#include <float.h>
#include <stdio.h>

static float float_of(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* Units in the last place between y and the exact value; 0 where both are the same infinity or
 * NaN. */
static double units_of_float(float y, double exact)
{
    float nearest = (float)exact;
    if (isnan(nearest) || isnan(y))
        return isnan(nearest) == isnan(y) ? 0 : 1e9;
    if (isinf(nearest) || isinf(y))
        return nearest == y ? 0 : 1e9;
    int e = nearest == 0 ? -149 : ilogb((double)nearest) - 23;
    return fabs(((double)y - exact) / ldexp(1, e < -149 ? -149 : e));
}

static double units(double y, long double exact)
{
    double nearest = (double)exact;
    if (isnan(nearest) || isnan(y))
        return isnan(nearest) == isnan(y) ? 0 : 1e9;
    if (isinf(nearest) || isinf(y))
        return nearest == y ? 0 : 1e9;
    int e = nearest == 0 ? -1074 : ilogb(nearest) - 52;
    return (double)fabsl(((long double)y - exact) / ldexpl(1, e < -1074 ? -1074 : e));
}

/* ---- floats ---- */

struct narrow {
    const char *name;
    void (*all)(const float *x, float *y, size_t n);
    double (*exact)(double);
};

#define LOOP(name)                                                                                 \
    static VECTORIZED(all_##name, (const float *restrict x, float *restrict y, size_t n),          \
                      (x, y, n))                                                                   \
    {                                                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            y[i] = math_##name(x[i]);                                                              \
    }
LOOP(expf)
LOOP(expm1f)
LOOP(logf)
LOOP(log1pf)
LOOP(tanhf)
LOOP(erff)

static const struct narrow narrow[] = {{"expf", all_expf, exp},    {"expm1f", all_expm1f, expm1},
                                       {"logf", all_logf, log},    {"log1pf", all_log1pf, log1p},
                                       {"tanhf", all_tanhf, tanh}, {"erff", all_erff, erf}};

START_TEST(floats_are_rounded_right_but_for_a_hair)
{
    enum { MANY = 4096 };
    const struct narrow *f = &narrow[_i];
    static float x[MANY], y[MANY];
    uint64_t step = getenv("DESCENT_ALL_FLOATS") ? 1 : 509;
    double most = 0.5;
    float at = 0;
    for (uint64_t u = 0; u < (uint64_t)1 << 32;) {
        size_t n = 0;
        for (; n < MANY && u < (uint64_t)1 << 32; u += step)
            x[n++] = float_of((uint32_t)u);
        f->all(x, y, n);
        for (size_t i = 0; i < n; i++) {
            double exact = f->exact((double)x[i]), d;
            if (y[i] == (float)exact) /* the nearest */
                continue;
            d = units_of_float(y[i], exact);
            if (d > most) {
                most = d;
                at = x[i];
            }
        }
    }
    if (step == 1)
        fprintf(stderr, "%s: at most %.5f units off, at %a\n", f->name, most, (double)at);
    ck_assert_msg(most <= 0.5041, "%s(%a) is %g units off", f->name, (double)at, most);
}
END_TEST

/* Neighbouring floats at random places, upwards. */
START_TEST(floats_are_in_order)
{
    enum { RUN = 256 };
    const struct narrow *f = &narrow[_i];
    struct rng r = rng_stream(31, RNG_TEST, 1, (uint32_t)_i);
    float x[RUN], y[RUN];
    for (int i = 0; i < 20000; i++) {
        float from = float_of(rng_u32(&r));
        if (i % 2)
            from = (float)(rng_normal(&r) * 10);
        if (!isfinite(from))
            continue;
        for (int k = 0; k < RUN; k++, from = nextafterf(from, INFINITY))
            x[k] = from;
        f->all(x, y, RUN);
        for (int k = 1; k < RUN; k++)
            if (y[k] < y[k - 1]) /* thousands of times: an assertion each would be slow */
                ck_abort_msg("%s(%a) is %a, then less", f->name, x[k - 1], y[k - 1]);
    }
}
END_TEST

/* ---- doubles ---- */

enum scale { EVENLY, BY_EXPONENT };

struct wide {
    const char *name;
    double (*own)(double);
    long double (*exact)(long double);
    double from, to;
    enum scale scale;
    double within;
};

static const struct wide doubles[] = {
    {"exp", math_exp, expl, -745.2, 709.8, EVENLY, 1.7},
    {"exp", math_exp, expl, -1, 1, EVENLY, 1.7},
    {"expm1", math_expm1, expm1l, -2, 2, EVENLY, 1.7},
    {"expm1", math_expm1, expm1l, -70, 709.7, EVENLY, 1.7},
    {"expm1", math_expm1, expm1l, -60, 3, BY_EXPONENT, 1.7},
    {"log", math_log, logl, -1074, 1023, BY_EXPONENT, 1.7},
    {"log", math_log, logl, 0.5, 2, EVENLY, 1.7},
    {"sin", math_sin, sinl, -7, 7, EVENLY, 1.7},
    {"sin", math_sin, sinl, -1e5, 1e5, EVENLY, 1.7},
    {"sin", math_sin, sinl, -1074, 62, BY_EXPONENT, 1.7},
    {"cos", math_cos, cosl, -7, 7, EVENLY, 1.7},
    {"cos", math_cos, cosl, -1e5, 1e5, EVENLY, 1.7},
    {"cos", math_cos, cosl, -1074, 62, BY_EXPONENT, 1.7},
    {"tanh", math_tanh, tanhl, -3, 3, EVENLY, 3},
    {"tanh", math_tanh, tanhl, -60, 6, BY_EXPONENT, 3},
};

static double draw(struct rng *r, double from, double to, enum scale scale)
{
    double u = from + (to - from) * rng_uniform(r);
    if (scale == EVENLY)
        return u;
    double x = ldexp(1 + rng_uniform(r), (int)floor(u));
    return rng_u32(r) % 2 ? x : -x;
}

START_TEST(doubles_are_within_two_units)
{
    const struct wide *f = &doubles[_i];
    struct rng r = rng_stream(32, RNG_TEST, 1, (uint32_t)_i);
    double most = 0, at = 0;
    for (int i = 0; i < 400000; i++) {
        double x = draw(&r, f->from, f->to, f->scale);
        double d = units(f->own(x), f->exact((long double)x));
        if (d > most) {
            most = d;
            at = x;
        }
    }
    ck_assert_msg(most <= f->within, "%s(%a) is %g units off", f->name, at, most);
}
END_TEST

/* sin and cos of numbers of which a part of pi/2 leaves hardly anything (Kahan's and Muller's worst
 * cases), and of the largest. */
/* Their sine and cosine by mpmath with 3000 bits; the library's are wrong by up to 8 units there,
 * where the compiler does not know them. */
START_TEST(angles_are_reduced_exactly)
{
    static const double worst[][3] = {
        {0x1.6ac5b262ca1ffp+849, 1, -0x1.14ae72e6ba22fp-61},
        {0x1.b951f1572eba5p+23, -1, -0x1.f54f5227a4e84p-60},
        {0x1.4cc4ae6d5a22p+21, 0x1.42b6e41db5194p-1, -0x1.8d7dcba97674cp-1},
        {0x1.0ce9eeb4cc5d2p+62, 0x1.07a03d5ff1ed4p-1, 0x1.b6e9f1ea53529p-1},
        {0x1.fffffffffffffp+1023, 0x1.452fc98b34e97p-8, -0x1.fffe62ecfab75p-1},
        {0x1p19, 0x1.57481ec90fde3p-3, 0x1.f8c1986ca67fap-1},
        {0x1.fffffffffffffp18, 0x1.57481ec7171cap-3, 0x1.f8c1986cbbf43p-1}};
    for (size_t i = 0; i < sizeof worst / sizeof *worst; i++) {
        ck_assert_double_le(units(math_sin(worst[i][0]), (long double)worst[i][1]), 1);
        ck_assert_double_le(units(math_cos(worst[i][0]), (long double)worst[i][2]), 1);
    }
}
END_TEST

START_TEST(powers_are_within_two_units)
{
    struct rng r = rng_stream(33, RNG_TEST, 1, 0);
    double most = 0, at[2] = {0};
    for (int i = 0; i < 2000000; i++) {
        double x = ldexp(1 + rng_uniform(&r), (int)(rng_uniform(&r) * 60) - 30),
               y = (rng_uniform(&r) - 0.5) * 60;
        if (i % 4 == 1) { /* as bias corrections and schedules have them */
            x = 1 - math_exp(-20 * rng_uniform(&r));
            y = floor(math_exp(14 * rng_uniform(&r)));
        } else if (i % 4 == 2) {
            x = 0.5 + rng_uniform(&r);
            y = floor(rng_uniform(&r) * 1000);
        }
        double d = units(math_pow(x, y), powl((long double)x, (long double)y));
        if (d > most) {
            most = d;
            at[0] = x;
            at[1] = y;
        }
    }
    ck_assert_msg(most <= 1.7, "pow(%a, %a) is %g units off", at[0], at[1], most);
}
END_TEST

/* ---- the bits ---- */

#define WIDE_LOOP(name)                                                                            \
    static VECTORIZED(wide_##name, (const double *restrict x, double *restrict y, size_t n),       \
                      (x, y, n))                                                                   \
    {                                                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            y[i] = math_##name(x[i]);                                                              \
    }
#define ONE_BY_ONE(name)                                                                           \
    static void wide_##name(const double *x, double *y, size_t n)                                  \
    {                                                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            y[i] = math_##name(x[i]);                                                              \
    }
WIDE_LOOP(exp_narrow)
WIDE_LOOP(expm1_narrow)
WIDE_LOOP(log_narrow)
WIDE_LOOP(log1p_narrow)
WIDE_LOOP(tanh_narrow)
WIDE_LOOP(erf_narrow)
ONE_BY_ONE(exp)
ONE_BY_ONE(expm1)
ONE_BY_ONE(log)
ONE_BY_ONE(sin)
ONE_BY_ONE(cos)
ONE_BY_ONE(tanh)

static void wide_pow(const double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = math_pow(fabs(x[i]), x[n - 1 - i]);
}

static void wide_hypot(const double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = math_hypot(x[i], x[n - 1 - i]);
}

static void wide_normal(const double *x, double *y, size_t n)
{
    struct rng r = rng_stream(35, RNG_TEST, 1, 0);
    (void)x;
    for (size_t i = 0; i < n; i++)
        y[i] = rng_normal(&r);
}

/* Written on x86-64; another digest is another version of results. */
static const struct {
    const char *name;
    void (*all)(const double *x, double *y, size_t n);
    double from, to;
    uint64_t digest;
} written[] = {
    {"exp of a float", wide_exp_narrow, -90, 88, 0xf08bf4cec9d08e29u},
    {"expm1 of a float", wide_expm1_narrow, -3, 3, 0xdf9c30dbc520e29du},
    {"log of a float", wide_log_narrow, 0.01, 100, 0xcec6430be8d872bcu},
    {"log1p of a float", wide_log1p_narrow, -0.9, 9, 0x67426d14537639e8u},
    {"log1p of a small float", wide_log1p_narrow, -0.0002, 0.0002, 0xd623462b683e1239u},
    {"tanh of a float", wide_tanh_narrow, -3, 3, 0x61fb8743a9069cefu},
    {"erf of a float", wide_erf_narrow, -4, 4, 0x60d72af3ec892f59u},
    {"exp", wide_exp, -700, 700, 0xbdc2d6e7679eae8du},
    {"expm1", wide_expm1, -3, 3, 0x596026c3a7267272u},
    {"log", wide_log, 0.01, 100, 0xc1b360246caa771fu},
    {"sin", wide_sin, -10, 10, 0x5ca1492157c5e86bu},
    {"sin of large angles", wide_sin, -1e9, 1e9, 0xe85b77497f26212du},
    {"cos", wide_cos, -10, 10, 0x36c290a226726d6u},
    {"tanh", wide_tanh, -3, 3, 0x5027d22d9ea187aau},
    {"pow", wide_pow, -40, 40, 0x13278ad064aa43c7u},
    {"hypot", wide_hypot, -9, 9, 0x8960a70bc9fb02b5u},
    {"the normal distribution", wide_normal, 0, 0, 0xa849ddd979a2cf74u},
};

START_TEST(bits_are_those_written_down)
{
    enum { MANY = 100000 };
    static double x[MANY], y[MANY];
    struct rng r = rng_stream(34, RNG_TEST, 1, 0);
    for (int i = 0; i < MANY; i++)
        x[i] = written[_i].from + (written[_i].to - written[_i].from) * rng_uniform(&r);
    written[_i].all(x, y, MANY);
    uint64_t digest = digest_add(DIGEST_BEGIN, y, sizeof y);
    ck_assert_msg(digest == written[_i].digest, "%s has digest %#llx", written[_i].name,
                  (unsigned long long)digest);
}
END_TEST

/* ---- special values ---- */

static const double special[] = {
    0.0,        -0.0,        1,          -1,      INFINITY,     -INFINITY, NAN,  DBL_MIN,
    -DBL_MIN,   0x1p-1074,   -0x1p-1074, DBL_MAX, -DBL_MAX,     0.5,       2,    -2,
    3,          -3,          1e-300,     710,     -746,         -745,      88.8, 0x1p53,
    0x1p52 + 1, -0x1p53 - 2, 1e300,      -0.5,    1.0 - 0x1p-53};
enum { SPECIALS = sizeof special / sizeof *special };

static void check_same(const char *what, double x, double y, double got, double want)
{
    bool same = isnan(want) ? isnan(got)
                : isinf(want) || want == 0
                    ? got == want && signbit(got) == signbit(want)
                    : units(got, (long double)want) <= 2.2 && signbit(got) == signbit(want);
    ck_assert_msg(same, "%s(%a, %a) is %a, not %a", what, x, y, got, want);
}

START_TEST(special_values_are_those_of_c)
{
    for (int i = 0; i < SPECIALS; i++) {
        double x = special[i];
        check_same("exp", x, 0, math_exp(x), exp(x));
        check_same("expm1", x, 0, math_expm1(x), expm1(x));
        check_same("log", x, 0, math_log(x), log(x));
        check_same("sin", x, 0, math_sin(x), sin(x));
        check_same("cos", x, 0, math_cos(x), cos(x));
        check_same("tanh", x, 0, math_tanh(x), tanh(x));
        for (int k = 0; k < SPECIALS; k++)
            check_same("pow", x, special[k], math_pow(x, special[k]), pow(x, special[k]));
        float f = (float)x;
        for (size_t k = 0; k < sizeof narrow / sizeof *narrow; k++) {
            float y;
            narrow[k].all(&f, &y, 1);
            double want = (double)(float)narrow[k].exact((double)f);
            ck_assert_msg(isnan(want)
                              ? isnan(y) != 0
                              : !signbit(y) == !signbit(want) && units_of_float(y, want) < 1.01,
                          "%s(%a) is %a, not %a", narrow[k].name, (double)f, (double)y, want);
        }
    }
}
END_TEST

START_TEST(exact_values_are_exact)
{
    for (int k = -1022; k < 1024; k++) {
        ck_assert_double_eq(math_pow(2, k), ldexp(1, k));
        ck_assert_double_eq(math_pow(ldexp(1, k), 1), ldexp(1, k));
    }
    for (int k = 0; k < 15; k++) {
        double exact = 1;
        for (int i = 0; i < k; i++)
            exact *= 10;
        ck_assert_double_eq(math_pow(10, k), exact);
    }
    ck_assert_double_eq(math_pow(-3, 3), -27);
    ck_assert_double_eq(math_exp(0), 1);
    ck_assert_double_eq(math_log(1), 0);
    ck_assert_double_eq(math_cos(0), 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("math");
    TCase *t = tcase_create("elementary functions");
    tcase_set_timeout(t, 1200);
    tcase_add_loop_test(t, floats_are_rounded_right_but_for_a_hair, 0, 6);
    tcase_add_loop_test(t, floats_are_in_order, 0, 6);
    tcase_add_loop_test(t, doubles_are_within_two_units, 0, sizeof doubles / sizeof *doubles);
    tcase_add_test(t, angles_are_reduced_exactly);
    tcase_add_test(t, powers_are_within_two_units);
    tcase_add_loop_test(t, bits_are_those_written_down, 0, sizeof written / sizeof *written);
    tcase_add_test(t, special_values_are_those_of_c);
    tcase_add_test(t, exact_values_are_exact);
    suite_add_tcase(s, t);
    return check_main(s);
}
