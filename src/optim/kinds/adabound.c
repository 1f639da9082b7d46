/* AdaBound: Adam whose rates are clipped between bounds that close in on those of SGD. Luo et al.
 * 2019 (arXiv:1902.09843), in the form of the authors' code.
 *     m = beta1 m + (1 - beta1) g
 *     v = beta2 v + (1 - beta2) g^2
 *     rate = clip(lr sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + eps), lower, upper)
 *     lower = f (1 - 1 / (gamma t + 1)),  upper = f (1 + 1 / (gamma t)),  f = final_lr lr / (base lr)
 *     w = w - rate m
 * The paper's algorithm has neither the corrections nor eps, and divides rate by sqrt(t), which its
 * experiments do not. amsbound takes the largest v so far. */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct adabound {
    struct optim_common common;
    double lr, betas[2], eps, final_lr, gamma;
    bool amsbound;
    double weight_decay;
    uint32_t decay_exempt;
};

static bool is_amsbound(const void *options)
{
    return ((const struct adabound *)options)->amsbound;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct adabound *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1],
                    *restrict most = x->slot[2];
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1],
           final = o->lr > 0 ? o->final_lr * now->lr / o->lr : 0;
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2);
    float size = (float)(now->lr * sqrt(1 - math_pow(b2, t)) / (1 - math_pow(b1, t)));
    float lower = (float)(final * (1 - 1 / (o->gamma * t + 1))),
          upper = (float)(final * (1 + 1 / (o->gamma * t)));
    float eps = optim_eps(o->eps), decay = (float)x->decay;
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        float gi = g[i] + decay * w[i];
        m[i] = beta1 * m[i] + one_beta1 * gi;
        v[i] = beta2 * v[i] + one_beta2 * gi * gi;
        float below = v[i];
        if (most)
            below = most[i] = below > most[i] ? below : most[i];
        float rate = size / (sqrtf(below) + eps);
        rate = rate < lower ? lower : rate;
        rate = rate > upper ? upper : rate;
        w[i] -= rate * m[i];
    }
}

static const struct param params[] = {
    P_REAL(struct adabound, lr, "0.001", AT_LEAST(0), "learning rate of the adaptive start",
           .role = PARAM_ROLE_LR),
    P_PAIR(struct adabound, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct adabound, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct adabound, final_lr, "0.1", AT_LEAST(0),
           "the rate that both bounds close in on; schedules move it with lr"),
    P_REAL(struct adabound, gamma, "0.001", ABOVE(0), "how fast the bounds close in"),
    P_BOOL(struct adabound, amsbound, "false", "take the largest second moment so far (AMSBound)"),
    OPTIM_DECAY(struct adabound, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_adabound = {
    .base =
        {
            .name = "adabound",
            .title = "AdaBound: from Adam to SGD by bounds on the rate",
            .equation = "m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g^2\n"
                        "rate = lr * sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + eps), kept\n"
                        "       from final_lr * (1 - 1 / (gamma * t + 1))\n"
                        "       to   final_lr * (1 + 1 / (gamma * t))\n"
                        "w = w - rate * m",
            .source = "Luo et al. 2019, arXiv:1902.09843",
            .note =
                "The authors' code, which corrects the moments; the paper's algorithm does not, and divides the rate by "
                "sqrt(t) for its theorem.",
            .params = params,
            .options_size = sizeof(struct adabound),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "exp_avg", .fades = true},
              {.name = "exp_avg_sq"},
              {.name = "max_exp_avg_sq", .used = is_amsbound}},
    .step = step,
    .elementwise = optim_always,
};
