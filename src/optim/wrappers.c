#include "optim/wrappers.h"
#include "num/vec.h"
#include "util/processor.h"

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

static VECTORIZED(apply,
                  (const struct optim_view *v, float shrink, const float *step, const float *sum),
                  (v, shrink, step, sum))
{
    float *restrict w = v->w;
    size_t down = 0;
    for (size_t i = 0; i < v->n; i++)
        down += (size_t)goes_down(step[i], sum[i]);
    float scale = (float)((double)(v->shape.rows * v->shape.cols) / (double)(down + 1));
    for (size_t i = 0; i < v->n; i++)
        w[i] = w[i] * shrink + (goes_down(step[i], sum[i]) ? scale * step[i] : 0);
}

/* The step is what the kind makes of weights 0 without their decay, exact however small it is. */
void cautious_step(const struct optim_kind *kind, const void *options, const struct optim_now *now,
                   const struct optim_view *v, float *room)
{
    float *step = room, *sum = room + v->n;
    bool decoupled = kind->decoupled && kind->decoupled(options);
    struct optim_view alone = *v;
    alone.w = step;
    alone.g = sum;
    alone.decay = 0;
    prepare(v, decoupled ? 0 : (float)v->decay, step, sum);
    kind->step(options, now, &alone);
    apply(v, decoupled ? (float)(1 - now->lr * v->decay) : 1, step, sum);
}

VECTORIZED(lookahead_step, (double alpha, float *w, float *slow, size_t n), (alpha, w, slow, n))
{
    float a = (float)alpha;
    for (size_t i = 0; i < n; i++)
        w[i] = slow[i] = vec_not_tiny(slow[i] + a * (w[i] - slow[i]));
}
