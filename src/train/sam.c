/* Sharpness-aware minimisation (Foret et al. 2020, arXiv:2010.01412): to where the loss is highest
 * nearby, and back. */
#include "num/vec.h"
#include "train/internal.h"
#include <math.h>
#include <string.h>

/* w = w + rho g / (|g| + 1e-12), over all weights: Foret et al. 2020, equation 2, p = 2. */
static void climb(struct train *t)
{
    float *w = model_params(t->model);
    const float *g = model_grads(t->model);
    size_t n = t->plan->param_floats;
    float by = (float)(t->spec->train.sam.rho / (sqrt(vec_sum_squares(g, n)) + 1e-12));
    for (size_t i = 0; i < n; i++)
        w[i] += by * g[i];
}

void train_sam_climb(struct train *t)
{
    size_t params = t->plan->param_floats * sizeof(float),
           buffers = t->plan->buffer_floats * sizeof(float);
    memcpy(t->before, model_params(t->model), params);
    if (buffers > 0)
        memcpy(t->before + t->plan->param_floats, model_buffers(t->model), buffers);
    climb(t);
}

void train_sam_return(struct train *t)
{
    size_t params = t->plan->param_floats * sizeof(float),
           buffers = t->plan->buffer_floats * sizeof(float);
    memcpy(model_params(t->model), t->before, params);
    if (buffers > 0)
        memcpy(model_buffers(t->model), t->before + t->plan->param_floats, buffers);
}
