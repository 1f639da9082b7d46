/* An activation is two expressions: y of x, and dy/dx of x and y. */
#ifndef DESCENT_NN_ACTIVATIONS_ACTIVATION_H
#define DESCENT_NN_ACTIVATIONS_ACTIVATION_H

#include "nn/internal.h"

/* FORWARD sees `x`; DERIVATIVE sees `x` and `y`, or, of an ACTIVATION_OF_Y, `y` alone: then x need
 * not be kept for the way back. A NaN passes through both. */
#define ACTIVATION(name_, title_, equation_, source_, FORWARD, DERIVATIVE)                         \
    ACTIVATION_(name_, title_, equation_, source_, FORWARD, DERIVATIVE, true)
#define ACTIVATION_OF_Y(name_, title_, equation_, source_, FORWARD, DERIVATIVE)                    \
    ACTIVATION_(name_, title_, equation_, source_, FORWARD, DERIVATIVE, false)
#define ACTIVATION_(name_, title_, equation_, source_, FORWARD, DERIVATIVE, of_x)                  \
    static VECTORIZED(forward, (const struct layer_call *c), (c))                                  \
    {                                                                                              \
        const float *restrict in = c->x;                                                           \
        float *restrict out = c->y;                                                                \
        for (size_t i = 0; i < c->n * c->in_ld; i++) {                                             \
            const float x = in[i];                                                                 \
            out[i] = (FORWARD);                                                                    \
        }                                                                                          \
    }                                                                                              \
    static VECTORIZED(backward, (const struct layer_call *c), (c))                                 \
    {                                                                                              \
        const float *restrict in = of_x ? c->x : c->y, *restrict out = c->y;                       \
        float *restrict d = c->dx;                                                                 \
        for (size_t i = 0; i < c->n * c->in_ld; i++) {                                             \
            const float x = in[i], y = out[i];                                                     \
            (void)x, (void)y;                                                                      \
            d[i] *= (DERIVATIVE);                                                                  \
        }                                                                                          \
    }                                                                                              \
    const struct layer_kind layer_##name_ = {                                                      \
        .base = {.name = #name_, .title = title_, .equation = equation_, .source = source_},       \
        .shape = shape_unchanged,                                                                  \
        .elementwise = true,                                                                       \
        .by_images = true,                                                                         \
        .wants_x = of_x,                                                                           \
        .wants_y = true,                                                                           \
        .forward = forward,                                                                        \
        .backward = backward,                                                                      \
    };

#endif
