/* Lion: evolved sign momentum. Chen et al. 2023, algorithm 2 (arXiv:2302.06675).
 *     w = w - lr (sign(beta1 m + (1 - beta1) g) + weight_decay w)
 *     m = beta2 m + (1 - beta2) g */
#include "optim/optim.h"

struct lion {
    struct optim_common common;
    double lr, betas[2];
    double weight_decay;
    uint32_t decay_exempt;
};

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct lion *o = options;
    float *restrict w = v->w, *restrict m = v->slot[0];
    const float *restrict g = v->g;
    float beta1 = (float)now->momentum, one_beta1 = (float)(1 - now->momentum);
    float beta2 = (float)o->betas[1], one_beta2 = (float)(1 - o->betas[1]);
    float lr = (float)now->lr, shrink = (float)(1 - now->lr * v->decay);
    for (size_t i = 0; i < v->n; i++) {
        float c = beta1 * m[i] + one_beta1 * g[i];
        m[i] = beta2 * m[i] + one_beta2 * g[i];
        w[i] = w[i] * shrink - (c > 0 ? lr : c < 0 ? -lr : 0);
    }
}

static const struct param params[] = {
    P_REAL(struct lion, lr, "1e-4", AT_LEAST(0), "learning rate: the length of every weight's step",
           .role = PARAM_ROLE_LR),
    P_PAIR(struct lion, betas, "[0.9, 0.99]", FROM_BELOW(0, 1),
           "share of the momentum in the step, and its decay", .role = PARAM_ROLE_MOMENTUM),
    OPTIM_DECAY(struct lion, "0", "decoupled weight decay"), P_END};

const struct optim_kind optim_lion = {
    .base =
        {
            .name = "lion",
            .title = "Lion: evolved sign momentum",
            .equation = "w = w - lr * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * w)\n"
                        "m = beta2 * m + (1 - beta2) * g",
            .source = "Chen et al. 2023, algorithm 2, arXiv:2302.06675",
            .note =
                "Needs a learning rate some 3 to 10 times smaller and a weight decay as much larger than AdamW's.",
            .params = params,
            .options_size = sizeof(struct lion),
        },
    .family = OPTIM_SIGN,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = optim_always,
    .slots = {{.name = "exp_avg"}},
    .step = step,
    .elementwise = optim_always,
};
