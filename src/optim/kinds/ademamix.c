/* AdEMAMix: Adam with a second, slow mean of the gradients. Pagliardini, Ablin and Grangier 2024,
 * algorithm 1 (arXiv:2409.03137).
 *     m1 = beta1 m1 + (1 - beta1) g
 *     m2 = beta3(t) m2 + (1 - beta3(t)) g
 *     v = beta2 v + (1 - beta2) g^2
 *     w = w - lr ((m1^ + alpha(t) m2) / (sqrt(v^) + eps) + weight_decay w)
 * alpha grows linearly over alpha_warmup updates; beta3 from beta1 so that the half-life does over
 * beta3_warmup:
 *     beta3(t) = min(exp(ln beta1 ln beta3 / ((1 - t / T) ln beta3 + t / T ln beta1)), beta3) */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct ademamix {
    struct optim_common common;
    double lr, betas[2], beta3, alpha, eps;
    int64_t alpha_warmup, beta3_warmup;
    double weight_decay;
    uint32_t decay_exempt;
};

/* 1 past the warm-up. */
static double share(int64_t warmup, uint64_t t)
{
    return warmup > 0 && t < (uint64_t)warmup ? (double)t / (double)warmup : 1;
}

static double slow_beta(const struct ademamix *o, const struct optim_now *now)
{
    double a = share(o->beta3_warmup, now->t), from = now->momentum;
    if (a >= 1 || !(from > 0 && o->beta3 > 0))
        return o->beta3;
    double first = math_log(from), last = math_log(o->beta3);
    return fmin(math_exp(first * last / ((1 - a) * last + a * first)), o->beta3);
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct ademamix *o = options;
    float *restrict w = x->w, *restrict fast = x->slot[0], *restrict slow = x->slot[1],
                    *restrict v = x->slot[2];
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1], b3 = slow_beta(o, now);
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2), beta3 = (float)b3, one_beta3 = (float)(1 - b3);
    float of_fast = (float)(now->lr / (1 - math_pow(b1, t))),
          of_slow = (float)(now->lr * o->alpha * share(o->alpha_warmup, now->t)),
          root = (float)(1 / sqrt(1 - math_pow(b2, t)));
    float eps = optim_eps(o->eps), shrink = (float)(1 - now->lr * x->decay);
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        fast[i] = beta1 * fast[i] + one_beta1 * g[i];
        slow[i] = beta3 * slow[i] + one_beta3 * g[i];
        v[i] = beta2 * v[i] + one_beta2 * g[i] * g[i];
        w[i] = w[i] * shrink - (of_fast * fast[i] + of_slow * slow[i]) / (sqrtf(v[i]) * root + eps);
    }
}

static const struct param params[] = {
    P_REAL(struct ademamix, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct ademamix, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the fast mean and of the second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct ademamix, beta3, "0.9999", FROM_BELOW(0, 1), "decay of the slow mean"),
    P_REAL(struct ademamix, alpha, "2", AT_LEAST(0), "weight of the slow mean"),
    P_INT(struct ademamix, alpha_warmup, "0", AT_LEAST(0), "alpha grows linearly over these",
          .unit = "updates"),
    P_INT(struct ademamix, beta3_warmup, "0", AT_LEAST(0), "beta3 grows from beta1 over these",
          .unit = "updates"),
    P_REAL(struct ademamix, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    OPTIM_DECAY(struct ademamix, "0", "decoupled weight decay"),
    P_END};

const struct optim_kind optim_ademamix = {
    .base =
        {
            .name = "ademamix",
            .title = "AdEMAMix: a fast and a slow mean of the gradients",
            .equation = "m1 = beta1 * m1 + (1 - beta1) * g;  m2 = beta3 * m2 + (1 - beta3) * g\n"
                        "v = beta2 * v + (1 - beta2) * g^2\n"
                        "u = (m1 / (1 - beta1^t) + alpha * m2) / (sqrt(v / (1 - beta2^t)) + eps)\n"
                        "w = w - lr * (u + weight_decay * w)",
            .source = "Pagliardini, Ablin and Grangier 2024, algorithm 1, arXiv:2409.03137",
            .note =
                "Give alpha_warmup and beta3_warmup the length of the run, as the paper does, or early steps are too large. "
                "The paper's alpha is 5 to 10; 2 is the authors' code's.",
            .params = params,
            .options_size = sizeof(struct ademamix),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = optim_always,
    .slots = {{.name = "exp_avg_fast", .fades = true},
              {.name = "exp_avg_slow", .fades = true},
              {.name = "exp_avg_sq"}},
    .step = step,
    .elementwise = optim_always,
};
