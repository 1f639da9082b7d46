/* An activation is two expressions: y of x, and dy/dx of x and y. */
#ifndef DESCENT_NN_ACTIVATIONS_ACTIVATION_H
#define DESCENT_NN_ACTIVATIONS_ACTIVATION_H

#include "nn/internal.h"
#include "num/math.h"

void activation_shape(const void *options, struct layer_shape *s);

/* FORWARD sees `x`; DERIVATIVE sees `x` and `y`. A NaN passes through both. */
#define ACTIVATION(name_, title_, equation_, source_, FORWARD, DERIVATIVE)                     \
    static VECTORIZED(forward, (const struct layer_call *c), (c))                              \
    {                                                                                          \
        const float *restrict in = c->x;                                                       \
        float *restrict out = c->y;                                                            \
        for (size_t i = 0; i < c->n * c->in_ld; i++) {                                         \
            const float x = in[i];                                                             \
            out[i] = (FORWARD);                                                                \
        }                                                                                      \
    }                                                                                          \
    static VECTORIZED(backward, (const struct layer_call *c), (c))                             \
    {                                                                                          \
        const float *restrict in = c->x, *restrict out = c->y;                                 \
        float *restrict d = c->dx;                                                             \
        for (size_t i = 0; i < c->n * c->in_ld; i++) {                                         \
            const float x = in[i], y = out[i];                                                 \
            (void)x, (void)y;                                                                  \
            d[i] *= (DERIVATIVE);                                                              \
        }                                                                                      \
    }                                                                                          \
    const struct layer_kind layer_##name_ = {                                                  \
        .base = {.name = #name_, .title = title_, .equation = equation_, .source = source_},   \
        .shape = activation_shape,                                                             \
        .elementwise = true,                                                                   \
        .forward = forward,                                                                    \
        .backward = backward,                                                                  \
    };

#endif
