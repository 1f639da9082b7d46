/* One binary for several kinds of x86-64 processor; elsewhere the compiler's default (NEON on
 * 64-bit ARM) is what there is. Which level runs never changes a result: what is fused is fused by
 * name (num/simd.h), on the baseline in software. */
#ifndef DESCENT_UTIL_PROCESSOR_H
#define DESCENT_UTIL_PROCESSOR_H

#include "util/error.h"

/* The psABI's: v3 has AVX2 and FMA, v4 AVX-512. */
enum processor { PROCESSOR_BASELINE, PROCESSOR_V3, PROCESSOR_V4 };

/* The level whose code runs: the one that DESCENT_PROCESSOR (baseline, v3, v4) names, else the best
 * that the processor has. Found once; any thread may ask. */
enum processor processor_now(void);

/* Whether DESCENT_PROCESSOR, where it is set, names a level that this processor has; ERR_USAGE. */
bool processor_check(struct error *err);

/* Whether the level that runs has fused products; else they are made in software, exact and
 * slow. */
bool processor_fuses(void);

/* "baseline", "x86-64-v3", "x86-64-v4". */
const char *processor_level(void);

#if defined(__x86_64__) && defined(__GNUC__)
#define PROCESSOR_HAS_LEVELS 1
/* Before a function: the instructions it is compiled for. With DESCENT_V4_BY_V3 what is written for
 * AVX-512 runs on AVX2, each vector as two: for tests on a processor without AVX-512. */
#define PROCESSOR_TARGET_V3 __attribute__((target("arch=x86-64-v3")))
#ifdef DESCENT_V4_BY_V3
#define PROCESSOR_TARGET_V4 PROCESSOR_TARGET_V3
#else
#define PROCESSOR_TARGET_V4 __attribute__((target("arch=x86-64-v4")))
#endif
#else
#define PROCESSOR_HAS_LEVELS 0
#endif

/* In place of the head of a function that is a vector loop, or calls static ones that are:
 *
 *     static VECTORIZED(name, (int n, float *x), (n, x))
 *     {
 *         ...
 *     }
 *
 * It is compiled once for each level, and a call takes the one that runs. What it calls in its own
 * file or in a header is compiled into it. VECTORIZED_TO(type, ...) is one that returns a value. */
#if PROCESSOR_HAS_LEVELS
#define VECTORIZED(name, params, args)                                                             \
    void name params;                                                                              \
    static inline __attribute__((always_inline)) void name##_body params;                          \
    PROCESSOR_TARGET_V4 __attribute__((flatten)) static void name##_v4 params                      \
    {                                                                                              \
        name##_body args;                                                                          \
    }                                                                                              \
    PROCESSOR_TARGET_V3 __attribute__((flatten)) static void name##_v3 params                      \
    {                                                                                              \
        name##_body args;                                                                          \
    }                                                                                              \
    __attribute__((flatten)) static void name##_baseline params                                    \
    {                                                                                              \
        name##_body args;                                                                          \
    }                                                                                              \
    void name params                                                                               \
    {                                                                                              \
        const enum processor now_ = processor_now();                                               \
        if (now_ == PROCESSOR_V4)                                                                  \
            name##_v4 args;                                                                        \
        else if (now_ == PROCESSOR_V3)                                                             \
            name##_v3 args;                                                                        \
        else                                                                                       \
            name##_baseline args;                                                                  \
    }                                                                                              \
    static inline void name##_body params
#define VECTORIZED_TO(type, name, params, args)                                                    \
    type name params;                                                                              \
    static inline __attribute__((always_inline)) type name##_body params;                          \
    PROCESSOR_TARGET_V4 __attribute__((flatten)) static type name##_v4 params                      \
    {                                                                                              \
        return name##_body args;                                                                   \
    }                                                                                              \
    PROCESSOR_TARGET_V3 __attribute__((flatten)) static type name##_v3 params                      \
    {                                                                                              \
        return name##_body args;                                                                   \
    }                                                                                              \
    __attribute__((flatten)) static type name##_baseline params                                    \
    {                                                                                              \
        return name##_body args;                                                                   \
    }                                                                                              \
    type name params                                                                               \
    {                                                                                              \
        const enum processor now_ = processor_now();                                               \
        return now_ == PROCESSOR_V4   ? name##_v4 args                                             \
               : now_ == PROCESSOR_V3 ? name##_v3 args                                             \
                                      : name##_baseline args;                                      \
    }                                                                                              \
    static inline type name##_body params
#else
#define VECTORIZED(name, params, args) void name params
#define VECTORIZED_TO(type, name, params, args) type name params
#endif

/* In place of `for` where no turn of the loop reads what another writes, which a compiler does not
 * see where the arrays are many. One that calls functions stays as it is, and all under a
 * sanitizer. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wpass-failed"
#define VECTORIZED_FOR _Pragma("clang loop vectorize(assume_safety)") for
#else
#define VECTORIZED_FOR _Pragma("GCC ivdep") for
#endif

#endif
