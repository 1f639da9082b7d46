/* AdaGrad, figure 1 of Duchi, Hazan and Singer 2011 (diagonal), with PyTorch's decay of lr.
 *     s = s + g^2
 *     w = w - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps) */
#include "optim/optim.h"
#include <math.h>

struct adagrad {
    struct optim_common common;
    double lr, lr_decay, initial_accumulator_value, eps;
    double weight_decay;
    uint32_t decay_exempt;
};

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    (void)scalar;
    const struct adagrad *o = options;
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < views[t].n; i++)
            views[t].slot[0][i] = (float)o->initial_accumulator_value;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct adagrad *o = options;
    float *restrict w = v->w, *restrict s = v->slot[0];
    const float *restrict g = v->g;
    float lr = (float)(now->lr / (1 + (double)(now->t - 1) * o->lr_decay)), decay = (float)v->decay;
    float eps = optim_eps(o->eps);
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i];
        s[i] += gi * gi;
        w[i] -= lr * (gi / (sqrtf(s[i]) + eps));
    }
}

static const struct param params[] = {
    P_REAL(struct adagrad, lr, "0.01", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_REAL(struct adagrad, lr_decay, "0", AT_LEAST(0), "lr falls as 1 / (1 + (t - 1) lr_decay)"),
    P_REAL(struct adagrad, initial_accumulator_value, "0", AT_LEAST(0),
           "the sum of squares before the first update"),
    P_REAL(struct adagrad, eps, "1e-10", AT_LEAST(0), "added to the denominator"),
    OPTIM_DECAY(struct adagrad, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_adagrad = {
    .base =
        {
            .name = "adagrad",
            .title = "AdaGrad: adaptive subgradients",
            .equation = "s = s + g^2\n"
                        "w = w - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)",
            .source = "Duchi, Hazan and Singer 2011, JMLR 12:2121",
            .note = "Good on sparse gradients; the step sizes only ever fall.",
            .params = params,
            .options_size = sizeof(struct adagrad),
        },
    .family = OPTIM_LECTURE,
    .slots = {{.name = "sum"}},
    .start = start,
    .step = step,
    .elementwise = optim_always,
};
