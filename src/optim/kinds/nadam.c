/* NAdam: Adam with Nesterov's momentum. Dozat 2016, "Incorporating Nesterov momentum into Adam",
 * section 3.2.
 *     mu_t = beta1 (1 - 0.96^(t psi) / 2),    P = mu_1 mu_2 ... mu_t
 *     w = w - lr ((1 - mu_t) / (1 - P) g + mu_{t+1} / (1 - P mu_{t+1}) m) / (sqrt(v^) + eps) */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct nadam {
    struct optim_common common;
    double lr, betas[2], eps, momentum_decay;
    double weight_decay;
    uint32_t decay_exempt;
};

static double mu(const struct nadam *o, const struct optim_now *now, double t)
{
    return now->momentum * (1 - 0.5 * math_pow(0.96, t * o->momentum_decay));
}

static void before(const void *options, const struct optim_now *now)
{
    now->scalar[0] *= mu(options, now, (double)now->t);
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct nadam *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1];
    const float *restrict g = x->g;
    double t = (double)now->t, P = now->scalar[0], present = mu(o, now, t),
           next = mu(o, now, t + 1);
    float beta1 = (float)now->momentum, one_beta1 = (float)(1 - now->momentum);
    float beta2 = (float)o->betas[1], one_beta2 = (float)(1 - o->betas[1]);
    float of_g = (float)(now->lr * (1 - present) / (1 - P)),
          of_m = (float)(now->lr * next / (1 - P * next));
    float root = (float)(1 / sqrt(1 - math_pow(o->betas[1], t))), eps = optim_eps(o->eps),
          decay = (float)x->decay;
    for (size_t i = 0; i < x->n; i++) {
        float gi = g[i] + decay * w[i];
        m[i] = beta1 * m[i] + one_beta1 * gi;
        v[i] = beta2 * v[i] + one_beta2 * gi * gi;
        w[i] -= (of_g * gi + of_m * m[i]) / (sqrtf(v[i]) * root + eps);
    }
}

static const struct param params[] = {
    P_REAL(struct nadam, lr, "0.002", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct nadam, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct nadam, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct nadam, momentum_decay, "0.004", AT_LEAST(0),
           "psi, the rate at which the momentum warms up"),
    OPTIM_DECAY(struct nadam, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_nadam = {
    .base =
        {
            .name = "nadam",
            .title = "NAdam: Adam with Nesterov's momentum",
            .equation =
                "mu_t = beta1 * (1 - 0.96^(t * psi) / 2);  P = mu_1 * ... * mu_t\n"
                "m = beta1 * m + (1 - beta1) * g\n"
                "v = beta2 * v + (1 - beta2) * g^2\n"
                "d = sqrt(v / (1 - beta2^t)) + eps\n"
                "w = w - lr * ((1 - mu_t) / (1 - P) * g + mu_(t+1) / (1 - P * mu_(t+1)) * m) / d",
            .source = "Dozat 2016, \"Incorporating Nesterov momentum into Adam\"",
            .note =
                "PyTorch 1.13's default path multiplies mu_t into P twice; its foreach path agrees with this.",
            .params = params,
            .options_size = sizeof(struct nadam),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}},
    .scalars = {{.name = "mu_product", .initial = 1}},
    .before = before,
    .step = step,
    .elementwise = optim_always,
};
