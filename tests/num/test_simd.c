/* The fused product of every level, and the exact one in software, against the library's fmaf: bit
 * for bit, where rounding twice would show too. */
#include "check_main.h"
#include "num/random.h"
#include "num/simd.h"
#include <math.h>

enum { MOST = 16 };

#define KERNEL(lanes)                                                                              \
    SIMD_TARGET_##lanes static void fused_##lanes(const float *x, const float *y, float *z)        \
    {                                                                                              \
        simd_##lanes sum = SIMD_LOAD(lanes, z);                                                    \
        SIMD_FMA(lanes, sum, SIMD_LOAD(lanes, x), SIMD_LOAD(lanes, y));                            \
        SIMD_STORE(lanes, z, sum);                                                                 \
    }
SIMD_FOR_LEVELS(KERNEL)

static void (*const kernels[])(const float *, const float *, float *) = SIMD_LEVELS(fused);
static const int lanes[] = {4, 8, 16};

static uint32_t bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static float of_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

static bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || bits_of(a) == bits_of(b);
}

/* Millions of times: an assertion each would be slow. */
static void check_all(const float x[MOST], const float y[MOST], const float z[MOST])
{
    float want[MOST];
    for (int k = 0; k < MOST; k++)
        want[k] = fmaf(x[k], y[k], z[k]);
    for (int level = 0; level <= (int)processor_now(); level++) {
        float got[MOST];
        memcpy(got, z, sizeof got);
        for (int k = 0; k < MOST; k += lanes[level])
            kernels[level](x + k, y + k, got + k);
        for (int k = 0; k < MOST; k++)
            if (!same(want[k], got[k]))
                ck_abort_msg("level %d: %a * %a + %a is %a, not %a", level, x[k], y[k], z[k],
                             want[k], got[k]);
    }
    for (int k = 0; k < MOST; k++) {
        float got = simd_fma_exact(x[k], y[k], z[k]);
        if (!same(want[k], got))
            ck_abort_msg("software: %a * %a + %a is %a, not %a", x[k], y[k], z[k], want[k], got);
    }
}

/* Any floats at all: infinities, NaN and denormals among them. */
START_TEST(of_any_bits)
{
    struct rng r = rng_stream(21, RNG_TEST, 1, 0);
    for (int i = 0; i < 200000; i++) {
        float v[3][MOST];
        for (int k = 0; k < 3 * MOST; k++)
            v[k / MOST][k % MOST] = of_bits(rng_u32(&r));
        check_all(v[0], v[1], v[2]);
    }
}
END_TEST

/* Products of few bits and sums far below or above them: the middle between two floats, a little
 * more and a little less; results among the denormals. */
START_TEST(where_rounding_twice_would_show)
{
    struct rng r = rng_stream(22, RNG_TEST, 1, 0);
    long twice = 0;
    for (int i = 0; i < 200000; i++) {
        float v[3][MOST];
        for (int k = 0; k < MOST; k++) {
            int down = 24 + (int)(rng_uniform(&r) * 50), low = i % 3 == 0 ? -70 : 0;
            v[0][k] = ldexpf((float)(4097 + rng_u32(&r) % 4095), low - 12);
            v[1][k] = ldexpf((float)(4097 + rng_u32(&r) % 3), low - 12);
            v[2][k] = ldexpf((float)(1 + rng_u32(&r) % 3), 2 * low - down);
            if (rng_u32(&r) % 2)
                v[2][k] = -v[2][k];
            twice += (float)((double)v[0][k] * (double)v[1][k] + (double)v[2][k]) !=
                     fmaf(v[0][k], v[1][k], v[2][k]);
        }
        check_all(v[0], v[1], v[2]);
    }
    ck_assert_int_gt(twice, 1000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("simd");
    TCase *t = tcase_create("fused products");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, of_any_bits);
    tcase_add_test(t, where_rounding_twice_would_show);
    suite_add_tcase(s, t);
    return check_main(s);
}
