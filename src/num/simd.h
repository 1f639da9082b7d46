/* Vectors of 4, 8 and 16 floats in the compiler's own extensions, and the one product that may be
 * fused: by name. One source becomes AVX-512, AVX2 and NEON; where the processor has no fused
 * multiply-add, its exact result is made in software. So every level has the same bits.
 *
 * A kernel is a macro over the number of lanes:
 *
 *     #define KERNEL(lanes)                                                               \
 *         SIMD_TARGET_##lanes static void axpy_##lanes(float a, const float *x, float *y) \
 *         {                                                                               \
 *             simd_##lanes s = SIMD_LOAD(lanes, y);                                       \
 *             const simd_##lanes v = SIMD_LOAD(lanes, x), f = SIMD_ALL(lanes, a);         \
 *             SIMD_FMA(lanes, s, f, v);                                                   \
 *             SIMD_STORE(lanes, y, s);                                                    \
 *         }
 *     SIMD_FOR_LEVELS(KERNEL)
 *     static void (*const kernels[])(float, const float *, float *) = SIMD_LEVELS(axpy);
 *     ... kernels[processor_now()](a, x, y);
 *
 * Loops of a fixed length over vectors or rows begin with SIMD_UNROLL: without it gcc leaves the
 * sums in memory. Sums have one order at every level: a chain per element, or lanes of a number
 * that the code fixes. */
#ifndef DESCENT_NUM_SIMD_H
#define DESCENT_NUM_SIMD_H

#include "util/processor.h"
#include <stdint.h>
#include <string.h>

typedef float simd_4 __attribute__((vector_size(16)));
typedef float simd_8 __attribute__((vector_size(32)));
typedef float simd_16 __attribute__((vector_size(64)));
/* The same at any address of a float. */
typedef float simd_4_at __attribute__((vector_size(16), may_alias, aligned(4)));
typedef float simd_8_at __attribute__((vector_size(32), may_alias, aligned(4)));
typedef float simd_16_at __attribute__((vector_size(64), may_alias, aligned(4)));

#define SIMD_LOAD(lanes, p) ((simd_##lanes) * (const simd_##lanes##_at *)(const void *)(p))
#define SIMD_STORE(lanes, p, v) (*(simd_##lanes##_at *)(void *)(p) = (v))
#define SIMD_ALL(lanes, x) ((x) - (simd_##lanes){0})

/* The compiler forgets where a pointer comes from: it keeps it in a register of its own, and does
 * not turn loads beside it into permutations of one load. */
#define SIMD_HIDE(p) __asm__("" : "+r"(p))

#define SIMD_UNROLL _Pragma("GCC unroll 16")

/* The lanes of a level; make(lanes) for each level of this build; the functions name_LANES, indexed
 * by enum processor. */
#define SIMD_TARGET_4
#if PROCESSOR_HAS_LEVELS
#define SIMD_TARGET_8 PROCESSOR_TARGET_V3
#define SIMD_TARGET_16 PROCESSOR_TARGET_V4
#define SIMD_FOR_LEVELS(make) make(4) make(8) make(16)
#define SIMD_LEVELS(name)                                                                          \
    {                                                                                              \
        name##_4, name##_8, name##_16                                                              \
    }
#else
#define SIMD_FOR_LEVELS(make) make(4)
#define SIMD_LEVELS(name)                                                                          \
    {                                                                                              \
        name##_4                                                                                   \
    }
#endif

/* sum = x * y + sum with one rounding, lane by lane; sum is a variable. */
#define SIMD_FMA(lanes, sum, x, y) SIMD_FMA_##lanes(sum, x, y)
#define SIMD_FMA_LANES(lanes, sum, x, y)                                                           \
    do {                                                                                           \
        simd_##lanes sum_ = (sum);                                                                 \
        const simd_##lanes x_ = (x), y_ = (y);                                                     \
        SIMD_UNROLL                                                                                \
        for (int lane_ = 0; lane_ < lanes; lane_++)                                                \
            sum_[lane_] = __builtin_fmaf(x_[lane_], y_[lane_], sum_[lane_]);                       \
        (sum) = sum_;                                                                              \
    } while (0)
#define SIMD_FMA_8(sum, x, y) SIMD_FMA_LANES(8, sum, x, y)
#define SIMD_FMA_16(sum, x, y) SIMD_FMA_LANES(16, sum, x, y)
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__aarch64__)
#define SIMD_FUSES 1
#define SIMD_FMA_4(sum, x, y) SIMD_FMA_LANES(4, sum, x, y)
#else
#define SIMD_FUSES 0
#define SIMD_FMA_4(sum, x, y)                                                                      \
    do {                                                                                           \
        const simd_4 x_ = (x), y_ = (y);                                                           \
        simd_fma_software(&(sum), &x_, &y_);                                                       \
    } while (0)
#endif

/* x * y + z with one rounding, in plain arithmetic. The product is exact in double; what their sum
 * loses makes its last bit odd, after which the rounding to float is right (Boldo and Melquiond,
 * Emulation of a FMA and correctly rounded sums, 2008). */
static inline float simd_fma_exact(float x, float y, float z)
{
    double p = (double)x * (double)y, d = (double)z, s = p + d, t = s - p,
           lost = (p - (s - t)) + (d - t);
    uint64_t u, v;
    memcpy(&u, &s, sizeof u);
    memcpy(&v, &lost, sizeof v);
    if (lost < 0 || lost > 0) /* not where anything is infinite or not a number */
        if ((u & 1) == 0)
            u = (u ^ v) >> 63 ? u - 1 : u + 1;
    memcpy(&s, &u, sizeof s);
    return (float)s;
}

/* Out of the way of the loops, and of the compiler. */
static __attribute__((noinline, cold, unused)) simd_4 simd_fma_rare(simd_4 sum, simd_4 x, simd_4 y)
{
    for (int lane = 0; lane < 4; lane++)
        sum[lane] = simd_fma_exact(x[lane], y[lane], sum[lane]);
    return sum;
}

typedef double simd_doubles __attribute__((vector_size(32)));
typedef int64_t simd_longs __attribute__((vector_size(32)));

/* The sum in double is rounded once too often only where it is the middle between two floats, or so
 * small that floats are further apart than its last 29 bits say: then exactly. */
static inline __attribute__((always_inline)) void
simd_fma_software(simd_4 *restrict sum, const simd_4 *restrict x, const simd_4 *restrict y)
{
    const simd_doubles s =
        __builtin_convertvector(*x, simd_doubles) * __builtin_convertvector(*y, simd_doubles) +
        __builtin_convertvector(*sum, simd_doubles);
    const simd_longs bits = (simd_longs)s, size = bits & INT64_MAX,
                     middle = ((bits & 0x1FFFFFFF) ^ 0x10000000) - 1,
                     tiny = ~((0x380FFFFFFFFFFFFF - size) | (size - 1)), odd = middle | tiny;
    if (__builtin_expect((odd[0] | odd[1] | odd[2] | odd[3]) >= 0, 1))
        *sum = __builtin_convertvector(s, simd_4);
    else
        *sum = simd_fma_rare(*sum, *x, *y);
}

#endif
