/* Dropout (Srivastava et al. 2014), inverted: what stays is multiplied by 1 / (1 - p) in
 * training. */
#include "nn/internal.h"
#include "num/random.h"
#include <stdio.h>
#include <string.h>

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    const struct dropout_options *o = options;
    (void)err;
    s->out = s->in;
    s->out_ld = s->in_ld;
    s->nothing = !(o->p > 0);
    s->saved = image_pixels(s->in) * s->in_ld;
    snprintf(s->detail, sizeof s->detail, "p = %g", o->p);
    return true;
}

static uint32_t threshold(const struct layer_call *c)
{
    return (uint32_t)(((const struct dropout_options *)c->options)->p * 4294967296.0);
}

static float scale(const struct layer_call *c)
{
    return (float)(1 / (1 - ((const struct dropout_options *)c->options)->p));
}

/* The draws stay in `saved` for the way back. */
static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    size_t n = c->n * c->in_ld;
    if (!c->dropping) {
        memcpy(c->y, c->x, n * sizeof(float));
        return;
    }
    uint32_t *restrict draw = (uint32_t *)(void *)c->saved, limit = threshold(c);
    const float *restrict x = c->x;
    float *restrict y = c->y, s = scale(c);
    struct rng r = rng_stream(c->seed, RNG_DROPOUT, c->minibatch, c->number);
    rng_fill(&r, draw, n);
    for (size_t i = 0; i < n; i++)
        y[i] = draw[i] >= limit ? x[i] * s : 0.0f;
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    const uint32_t *restrict draw = (const uint32_t *)(const void *)c->saved, limit = threshold(c);
    float *restrict d = c->dx, s = scale(c);
    for (size_t i = 0; i < c->n * c->in_ld; i++)
        d[i] = draw[i] >= limit ? d[i] * s : 0.0f;
}

static const struct param params[] = {
    P_REAL(struct dropout_options, p, "0.5", FROM_BELOW(0, 1), "probability of dropping a unit"),
    P_END};

const struct layer_kind layer_dropout = {
    .base = {.name = "dropout",
             .title = "dropout",
             .equation = "y = x * (u >= p) / (1 - p), u uniform in [0, 1)",
             .source = "Srivastava et al. 2014, JMLR 15",
             .params = params,
             .options_size = sizeof(struct dropout_options)},
    .shape = shape,
    .elementwise = true,
    .forward = forward,
    .backward = backward,
};
