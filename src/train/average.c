/* Weight averaging: ema after every update, swa after every epoch from its start on. */
#include "num/vec.h"
#include "train/internal.h"
#include "util/processor.h"
#include <string.h>

static bool is(const struct train *t, const char *name)
{
    return t->spec->average.kind && strcmp(t->spec->average.kind->name, name) == 0;
}

/* a = decay a + (1 - decay) w */
static VECTORIZED(blend, (float *restrict a, const float *restrict w, float share, size_t n),
                  (a, w, share, n))
{
    for (size_t i = 0; i < n; i++)
        a[i] += share * (w[i] - a[i]);
}

void train_average_update(struct train *t)
{
    if (!is(t, "ema"))
        return;
    const struct average_ema *o = t->spec->average.options;
    double share = t->averaged == 0 ? 1 : 1 - o->decay;
    if (t->averaged == 0)
        memcpy(t->average, model_params(t->model), t->plan->param_floats * sizeof(float));
    else
        blend(t->average, model_params(t->model), (float)share, t->plan->param_floats);
    t->averaged++;
}

/* Whether swa takes the weights where training stands. */
static bool takes_weights(const struct train *t)
{
    const struct average_swa *o = t->spec->average.options;
    return (double)t->clock.step >= o->start * (double)train_total_steps(t);
}

void train_average_resume(struct train *t)
{
    if (!is(t, "swa") || t->averaged == 0 || takes_weights(t))
        return;
    t->averaged = 0;
    memset(t->average, 0, t->plan->param_floats * sizeof(float));
    if (t->average_buffers)
        memset(t->average_buffers, 0, t->plan->buffer_floats * sizeof(float));
}

void train_average_epoch(struct train *t)
{
    if (!is(t, "swa") || !takes_weights(t))
        return;
    if (t->averaged == 0)
        memcpy(t->average, model_params(t->model), t->plan->param_floats * sizeof(float));
    else
        blend(t->average, model_params(t->model), (float)(1 / (double)(t->averaged + 1)),
              t->plan->param_floats);
    t->averaged++;
    if (t->plan->has_batch_norm)
        train_refresh_norm(t, t->average, t->average_buffers, t->data->train.n);
}

void train_refresh_norm(struct train *t, const float *params, float *buffers, size_t limit)
{
    size_t batch = (size_t)t->spec->train.batch_size,
           n = limit < t->data->train.n ? limit : t->data->train.n;
    batch = n < batch ? n : batch;
    model_norm_begin(t->model, buffers);
    size_t number = 0;
    for (size_t first = 0; first < n; first += batch) {
        size_t m = n - first < batch ? n - first : batch;
        if (m < batch && (t->spec->train.drop_last || m * t->plan->norm_pixels < 2))
            break;
        train_gather(t, (struct data_batch){.split = &t->data->train,
                                            .idx = t->first_order + first,
                                            .n = m,
                                            .epoch = 1});
        model_norm_add(t->model, params, buffers, m, number++);
    }
}
