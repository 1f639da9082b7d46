/* What makes the loops of num/conv_kernels.h for one width of vectors: MAKE_CONV_KERNELS. */
#ifndef DESCENT_NUM_CONV_MAKE_H
#define DESCENT_NUM_CONV_MAKE_H

#include "num/conv_kernels.h"
#include "num/simd.h"

/* One pointer reaches so many pixels: one for each would not fit into the registers. */
enum { GROUP = 4 };
#define GROUPS(pixels) (((pixels) + GROUP - 1) / GROUP)

#define TILE(lanes, vectors, pixels)                                                               \
    SIMD_TARGET_##lanes static void tile_##lanes##_##vectors##_##pixels(const struct conv_tile *t) \
    {                                                                                              \
        const size_t pixel = t->pixel, depth = t->depth, tap = t->tap;                             \
        const float *b = t->b;                                                                     \
        simd_##lanes sum[pixels][vectors];                                                         \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < pixels; i++)                                                        \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            sum[i][v] = t->start ? SIMD_LOAD(lanes, t->start + i * t->start_pixel + v * lanes)     \
                                 : (simd_##lanes){0};                                              \
        for (size_t y = 0; y < t->rows; y++)                                                       \
            for (size_t x = 0; x < t->taps; x++) {                                                 \
                const float *a[GROUPS(pixels)];                                                    \
                SIMD_UNROLL                                                                        \
                for (size_t g = 0; g < GROUPS(pixels); g++) {                                      \
                    a[g] = t->a + y * t->row + x * tap + g * GROUP * pixel;                        \
                    SIMD_HIDE(a[g]);                                                               \
                }                                                                                  \
                for (size_t k = depth; k > 0; k--, b += vectors * lanes) {                         \
                    simd_##lanes w[vectors];                                                       \
                    SIMD_UNROLL                                                                    \
                    for (size_t v = 0; v < vectors; v++)                                           \
                        w[v] = SIMD_LOAD(lanes, b + v * lanes);                                    \
                    SIMD_UNROLL                                                                    \
                    for (size_t i = 0; i < pixels; i++) {                                          \
                        const simd_##lanes q = SIMD_ALL(lanes, a[i / GROUP][i % GROUP * pixel]);   \
                        SIMD_UNROLL                                                                \
                        for (size_t v = 0; v < vectors; v++)                                       \
                            SIMD_FMA(lanes, sum[i][v], q, w[v]);                                   \
                    }                                                                              \
                    SIMD_UNROLL                                                                    \
                    for (size_t g = 0; g < GROUPS(pixels); g++)                                    \
                        a[g]++;                                                                    \
                }                                                                                  \
            }                                                                                      \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < pixels; i++)                                                        \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, t->c + i * t->c_pixel + v * lanes, sum[i][v]);                       \
    }

/* Rows from the eighth on have a pointer of their own: of 16 loads beside each other the compiler
 * makes one load and 16 permutations, which are slower. */
#define WEIGHT_TILE(lanes, vectors, count, name, PLACE)                                            \
    SIMD_TARGET_##lanes static void name##_##lanes##_##vectors##_##count(                          \
        const struct conv_weight_tile *t)                                                          \
    {                                                                                              \
        const size_t ld = t->ld;                                                                   \
        size_t at[count];                                                                          \
        simd_##lanes sum[count][vectors];                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < count; i++) {                                                       \
            at[i] = PLACE;                                                                         \
            SIMD_UNROLL                                                                            \
            for (size_t v = 0; v < vectors; v++)                                                   \
                sum[i][v] = SIMD_LOAD(lanes, t->dw + i * ld + v * lanes);                          \
        }                                                                                          \
        for (size_t y = 0; y < t->height; y++) {                                                   \
            const float *a = t->a + y * t->a_row, *b = t->b + y * t->b_row;                        \
            for (size_t x = t->width; x > 0; x--, a += t->a_pixel, b += ld) {                      \
                simd_##lanes d[vectors];                                                           \
                SIMD_UNROLL                                                                        \
                for (size_t v = 0; v < vectors; v++)                                               \
                    d[v] = SIMD_LOAD(lanes, b + v * lanes);                                        \
                const float *half = a;                                                             \
                SIMD_HIDE(half);                                                                   \
                SIMD_UNROLL                                                                        \
                for (size_t i = 0; i < count; i++) {                                               \
                    const simd_##lanes q = SIMD_ALL(lanes, (i < 8 ? a : half)[at[i]]);             \
                    SIMD_UNROLL                                                                    \
                    for (size_t v = 0; v < vectors; v++)                                           \
                        SIMD_FMA(lanes, sum[i][v], q, d[v]);                                       \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < count; i++)                                                         \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, t->dw + i * ld + v * lanes, sum[i][v]);                              \
    }
#define NEXT_TO(lanes, vectors, count) WEIGHT_TILE(lanes, vectors, count, next, i)
#define SPREAD(lanes, vectors, count) WEIGHT_TILE(lanes, vectors, count, spread, t->offset[i])

#define UP_TO_6(make, l, v)                                                                        \
    make(l, v, 1) make(l, v, 2) make(l, v, 3) make(l, v, 4) make(l, v, 5) make(l, v, 6)
#define UP_TO_12(make, l, v)                                                                       \
    UP_TO_6(make, l, v)                                                                            \
    make(l, v, 7) make(l, v, 8) make(l, v, 9) make(l, v, 10) make(l, v, 11) make(l, v, 12)
#define UP_TO_14(make, l, v) UP_TO_12(make, l, v) make(l, v, 13) make(l, v, 14)
#define UP_TO_16(make, l, v) UP_TO_14(make, l, v) make(l, v, 15) make(l, v, 16)
#define TILE_NAME(l, v, n) tile_##l##_##v##_##n,
#define NEXT_NAME(l, v, n) next_##l##_##v##_##n,
#define SPREAD_NAME(l, v, n) spread_##l##_##v##_##n,

#define SCATTER(lanes, vectors, taps)                                                              \
    SIMD_TARGET_##lanes static void scatter_##lanes##_##vectors##_##taps(                          \
        const struct conv_scatter *t)                                                              \
    {                                                                                              \
        const size_t ld = t->ld, count = t->count, b_channel = t->b_channel;                       \
        float *dx = t->dx;                                                                         \
        simd_##lanes sum[taps][vectors];                                                           \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < taps; i++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            sum[i][v] = SIMD_LOAD(lanes, dx + i * ld + v * lanes);                                 \
        for (size_t k = 0; k < count; k++) {                                                       \
            const simd_##lanes q = SIMD_ALL(lanes, t->number[k].value);                            \
            const float *b = t->b + t->number[k].channel * b_channel;                              \
            SIMD_UNROLL                                                                            \
            for (size_t i = 0; i < taps; i++)                                                      \
                SIMD_UNROLL                                                                        \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                const simd_##lanes w = SIMD_LOAD(lanes, b + (i * vectors + v) * lanes);            \
                SIMD_FMA(lanes, sum[i][v], q, w);                                                  \
            }                                                                                      \
        }                                                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < taps; i++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, dx + i * ld + v * lanes, sum[i][v]);                                 \
    }
#define UP_TO_5(make, l, v) make(l, v, 1) make(l, v, 2) make(l, v, 3) make(l, v, 4) make(l, v, 5)
#define SCATTER_NAME(l, v, n) scatter_##l##_##v##_##n,

#define MAKE_CONV_KERNELS(name, up_to, l, v, n)                                                    \
    up_to(TILE, l, v) up_to(NEXT_TO, l, v) up_to(SPREAD, l, v) UP_TO_5(SCATTER, l, v)              \
        const struct conv_kernels conv_kernels_##name = {                                          \
            .lanes = l,                                                                            \
            .vectors = v,                                                                          \
            .most = n,                                                                             \
            .tile = {NULL, up_to(TILE_NAME, l, v)},                                                \
            .next = {NULL, up_to(NEXT_NAME, l, v)},                                                \
            .spread = {NULL, up_to(SPREAD_NAME, l, v)},                                            \
            .scatter = {NULL, UP_TO_5(SCATTER_NAME, l, v)},                                        \
    };

#endif
