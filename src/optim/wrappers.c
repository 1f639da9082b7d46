#include "optim/wrappers.h"
#include "num/vec.h"
#include "util/processor.h"
#include <string.h>

size_t cautious_scratch(const struct optim_view *v)
{
    return 2 * v->n;
}

static VECTORIZED(prepare, (const struct optim_view *v, float decay, float *step, float *sum),
                  (v, decay, step, sum))
{
    const float *restrict w = v->w, *restrict g = v->g;
    for (size_t i = 0; i < v->n; i++) {
        step[i] = 0;
        sum[i] = g[i] + decay * w[i];
    }
}

/* A step that goes against its gradient. */
static inline int goes_down(float step, float gradient)
{
    return (step < 0 && gradient > 0) || (step > 0 && gradient < 0);
}

/* What the step is scaled by where so many weights of the tensor move. */
static inline float scale_of(const struct optim_view *v, size_t moving)
{
    return (float)((double)(v->shape.rows * v->shape.cols) / (double)(moving + 1));
}

VECTORIZED(cautious_apply,
           (const struct optim_view *v, float shrink, const float *step, const float *g),
           (v, shrink, step, g))
{
    float *restrict w = v->w;
    size_t down = 0;
    for (size_t i = 0; i < v->n; i++)
        down += (size_t)goes_down(step[i], g[i]);
    float scale = scale_of(v, down);
    for (size_t i = 0; i < v->n; i++)
        w[i] = w[i] * shrink + (goes_down(step[i], g[i]) ? scale * step[i] : 0);
}

VECTORIZED(cautious_mask, (const struct optim_view *v, const float *g, float *u), (v, g, u))
{
    size_t down = 0;
    for (size_t i = 0; i < v->n; i++)
        down += (size_t)goes_down(-u[i], g[i]);
    float scale = scale_of(v, down);
    for (size_t i = 0; i < v->n; i++)
        u[i] = goes_down(-u[i], g[i]) ? scale * u[i] : 0;
}

/* The step is what the kind makes of weights 0 without an L2 penalty, exact however small it is. */
static void step_around(const struct optim_kind *kind, const void *options,
                        const struct optim_now *now, const struct optim_view *v, float *room)
{
    float *step = room, *sum = room + v->n, shrink = 1;
    bool decoupled = kind->decoupled && kind->decoupled(options);
    struct optim_view alone = *v;
    alone.w = step;
    alone.g = sum;
    alone.decay = decoupled ? v->decay : 0;
    prepare(v, decoupled ? 0 : (float)v->decay, step, sum);
    kind->step(options, now, &alone);
    if (decoupled)
        shrink = (float)(kind->shrink ? kind->shrink(options, now, v) : 1 - now->lr * v->decay);
    cautious_apply(v, shrink, step, sum);
}

static VECTORIZED(take_back, (float *w, float *old, size_t n), (w, old, n))
{
    for (size_t i = 0; i < n; i++) {
        float step = w[i] - old[i];
        w[i] = old[i];
        old[i] = step;
    }
}

static void step_by_change(const struct optim_kind *kind, const void *options,
                           const struct optim_now *now, const struct optim_view *v, float *room)
{
    memcpy(room, v->w, v->n * sizeof *room);
    kind->step(options, now, v);
    take_back(v->w, room, v->n);
    cautious_apply(v, 1, room, v->g);
}

void cautious_step(const struct optim_kind *kind, const void *options, const struct optim_now *now,
                   const struct optim_view *v, float *room)
{
    if (kind->cautious == CAUTIOUS_CHANGE)
        step_by_change(kind, options, now, v, room);
    else
        step_around(kind, options, now, v, room);
}

VECTORIZED(lookahead_step, (double alpha, float *w, float *slow, size_t n), (alpha, w, slow, n))
{
    float a = (float)alpha;
    for (size_t i = 0; i < n; i++)
        w[i] = slow[i] = vec_not_tiny(slow[i] + a * (w[i] - slow[i]));
}
