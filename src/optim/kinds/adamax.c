/* AdaMax, algorithm 2 of Kingma and Ba 2014 (arXiv:1412.6980); eps as PyTorch places it.
 *     m = beta1 m + (1 - beta1) g
 *     u = max(beta2 u, |g| + eps)
 *     w = w - lr / (1 - beta1^t) m / u */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct adamax {
    struct optim_common common;
    double lr, betas[2], eps;
    double weight_decay;
    uint32_t decay_exempt;
};

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct adamax *o = options;
    float *restrict w = v->w, *restrict m = v->slot[0], *restrict u = v->slot[1];
    const float *restrict g = v->g;
    double b1 = now->momentum;
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)o->betas[1],
          eps = optim_eps(o->eps);
    float size = (float)(now->lr / (1 - math_pow(b1, (double)now->t))), decay = (float)v->decay;
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i], faded = beta2 * u[i], most = fabsf(gi) + eps;
        m[i] = beta1 * m[i] + one_beta1 * gi;
        u[i] = faded > most ? faded : most;
        w[i] -= size * (m[i] / u[i]);
    }
}

static const struct param params[] = {
    P_REAL(struct adamax, lr, "0.002", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct adamax, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first moment and of the largest gradient", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct adamax, eps, "1e-8", AT_LEAST(0), "added to |g|"),
    OPTIM_DECAY(struct adamax, "0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_adamax = {
    .base =
        {
            .name = "adamax",
            .title = "AdaMax: Adam with the largest gradient",
            .equation = "m = beta1 * m + (1 - beta1) * g\n"
                        "u = max(beta2 * u, |g| + eps)\n"
                        "w = w - lr / (1 - beta1^t) * m / u",
            .source = "Kingma and Ba 2014, algorithm 2, arXiv:1412.6980",
            .note = "The infinity norm needs no bias correction and bounds each step by about lr.",
            .params = params,
            .options_size = sizeof(struct adamax),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_inf"}},
    .step = step,
    .elementwise = optim_always,
};
