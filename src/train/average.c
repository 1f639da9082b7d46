/* Weight averaging: the weights that the spec's kind of average has taken so far. */
#include "num/vec.h"
#include "train/internal.h"
#include "util/processor.h"
#include <string.h>

static const struct average_kind *kind_of(const struct train *t)
{
    return (const struct average_kind *)t->spec->average.kind;
}

/* Whether the average takes the weights where training stands. */
static bool takes_weights(const struct train *t, const struct average_kind *k)
{
    return !k->takes || k->takes(t->spec->average.options, t->clock.step, train_total_steps(t));
}

void train_average_plan(struct train *t)
{
    const struct average_kind *k = kind_of(t);
    bool other = !k && optim_evaluates_other(t->optim);
    if (k)
        t->average = mem_array(t->plan->param_floats, sizeof(float));
    if (other)
        t->evaluated = mem_array(t->plan->param_floats, sizeof(float));
    if (t->plan->buffer_floats > 0 && ((k && k->own_statistics) || other))
        t->average_buffers = mem_array(t->plan->buffer_floats, sizeof(float));
}

/* a += share * (w - a), n floats each; nothing tiny stays (drop_tiny of optim/optim.c says why) */
static VECTORIZED(blend, (float *restrict a, const float *restrict w, float share, size_t n),
                  (a, w, share, n))
{
    for (size_t i = 0; i < n; i++)
        a[i] = vec_not_tiny(a[i] + share * (w[i] - a[i]));
}

static void take_weights(struct train *t, const struct average_kind *k)
{
    const float *w = model_params(t->model);
    size_t n = t->plan->param_floats;
    if (t->averaged == 0)
        memcpy(t->average, w, n * sizeof(float));
    else
        blend(t->average, w, (float)k->share(t->spec->average.options, t->averaged), n);
    t->averaged++;
}

void train_average_update(struct train *t)
{
    const struct average_kind *k = kind_of(t);
    if (k && !k->by_epoch && takes_weights(t, k))
        take_weights(t, k);
}

void train_average_epoch(struct train *t)
{
    const struct average_kind *k = kind_of(t);
    if (!k || !k->by_epoch || !takes_weights(t, k))
        return;
    take_weights(t, k);
    if (k->own_statistics && t->plan->has_batch_norm)
        train_refresh_norm(t, t->average, t->average_buffers, t->data->train.n);
}

void train_average_resume(struct train *t)
{
    const struct average_kind *k = kind_of(t);
    if (!k || t->averaged == 0 || takes_weights(t, k))
        return;
    t->averaged = 0;
    memset(t->average, 0, t->plan->param_floats * sizeof(float));
    if (t->average_buffers)
        memset(t->average_buffers, 0, t->plan->buffer_floats * sizeof(float));
}
