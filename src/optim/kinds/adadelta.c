/* AdaDelta, algorithm 1 of Zeiler 2012 (arXiv:1212.5701), with PyTorch's lr.
 *     s = rho s + (1 - rho) g^2
 *     d = sqrt(a + eps) / sqrt(s + eps) g
 *     a = rho a + (1 - rho) d^2
 *     w = w - lr d */
#include "optim/optim.h"
#include <math.h>

struct adadelta {
    struct optim_common common;
    double lr, rho, eps;
    double weight_decay;
    uint32_t decay_exempt;
};

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct adadelta *o = options;
    float *restrict w = v->w, *restrict s = v->slot[0], *restrict a = v->slot[1];
    const float *restrict g = v->g;
    float lr = (float)now->lr, rho = (float)o->rho, one_rho = (float)(1 - o->rho),
          eps = optim_eps(o->eps);
    float decay = (float)v->decay;
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i];
        s[i] = rho * s[i] + one_rho * gi * gi;
        float d = sqrtf(a[i] + eps) / sqrtf(s[i] + eps) * gi;
        a[i] = rho * a[i] + one_rho * d * d;
        w[i] -= lr * d;
    }
}

static const struct param params[] = {
    P_REAL(struct adadelta, lr, "1", AT_LEAST(0), "factor of the step (1: the paper)",
           .role = PARAM_ROLE_LR),
    P_REAL(struct adadelta, rho, "0.9", FROM_BELOW(0, 1),
           "decay of the squared gradients and steps"),
    P_REAL(struct adadelta, eps, "1e-6", AT_LEAST(0), "under both roots"),
    OPTIM_DECAY(struct adadelta, "0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_adadelta = {
    .base =
        {
            .name = "adadelta",
            .title = "AdaDelta: steps in the units of the weights",
            .equation = "s = rho * s + (1 - rho) * g^2\n"
                        "d = sqrt(a + eps) / sqrt(s + eps) * g\n"
                        "a = rho * a + (1 - rho) * d^2\n"
                        "w = w - lr * d",
            .source = "Zeiler 2012, algorithm 1, arXiv:1212.5701",
            .note =
                "No learning rate to find, but eps sets the first steps and with them the speed.",
            .params = params,
            .options_size = sizeof(struct adadelta),
        },
    .family = OPTIM_LECTURE,
    .slots = {{.name = "square_avg"}, {.name = "acc_delta"}},
    .step = step,
    .elementwise = optim_always,
};
