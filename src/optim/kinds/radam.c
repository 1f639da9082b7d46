/* RAdam: Adam without its step size's early variance. Liu et al. 2019, algorithm 2
 * (arXiv:1908.03265).
 *     rho_t > 5    w = w - lr m^ r_t sqrt(1 - beta2^t) / (sqrt(v) + eps)
 *     else         w = w - lr m^
 * eps stands beside the uncorrected root, as PyTorch's; the paper asks for rho_t > 4, its code for
 * >= 5. */
#include "num/math.h"
#include "optim/kinds/rectified.h"
#include "optim/optim.h"

struct radam {
    struct optim_common common;
    double lr, betas[2], eps;
    double weight_decay;
    uint32_t decay_exempt;
};

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct radam *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1];
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1],
           size = now->lr / (1 - math_pow(b1, t));
    bool rectify = rectified_length(b2, t) > 5;
    if (rectify)
        size *= rectified_term(b2, t) * sqrt(1 - math_pow(b2, t));
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2);
    float lr = (float)size, eps = optim_eps(o->eps), decay = (float)x->decay;
    for (size_t i = 0; i < x->n; i++) {
        float gi = g[i] + decay * w[i];
        m[i] = beta1 * m[i] + one_beta1 * gi;
        v[i] = beta2 * v[i] + one_beta2 * gi * gi;
        w[i] -= rectify ? lr * (m[i] / (sqrtf(v[i]) + eps)) : lr * m[i];
    }
}

static const struct param params[] = {
    P_REAL(struct radam, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct radam, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct radam, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    OPTIM_DECAY(struct radam, "0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_radam = {
    .base =
        {
            .name = "radam",
            .title = "RAdam: rectified Adam",
            .equation =
                "rho = 2 / (1 - beta2) - 1;  rho_t = rho - 2 * t * beta2^t / (1 - beta2^t)\n"
                "r = sqrt((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t))\n"
                "rho_t > 5:  w = w - lr * m^ * r * sqrt(1 - beta2^t) / (sqrt(v) + eps)\n"
                "else:       w = w - lr * m^",
            .source = "Liu et al. 2019, algorithm 2, arXiv:1908.03265",
            .note =
                "A warm-up of about 2 / (1 - beta2) updates without a setting for it; the first few are plain momentum.",
            .params = params,
            .options_size = sizeof(struct radam),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}},
    .step = step,
    .elementwise = optim_always,
};
