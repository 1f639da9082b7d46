/* Signum: the sign of the momentum; with momentum 0, signSGD. Bernstein et al. 2018, algorithm 2
 * (arXiv:1802.04434).
 *     m = momentum m + (1 - momentum) g
 *     w = w - lr (sign(m) + weight_decay w) */
#include "optim/optim.h"

struct signum {
    struct optim_common common;
    double lr, momentum;
    double weight_decay;
    uint32_t decay_exempt;
};

static bool has_momentum(const void *options)
{
    return ((const struct signum *)options)->momentum > 0;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    float *restrict w = v->w, *restrict m = v->slot[0];
    const float *restrict g = v->g;
    float mu = (float)now->momentum, one_mu = (float)(1 - now->momentum);
    float lr = (float)now->lr, shrink = (float)(1 - now->lr * v->decay);
    (void)options;
    if (!m) {
        for (size_t i = 0; i < v->n; i++)
            w[i] = w[i] * shrink - (g[i] > 0 ? lr : g[i] < 0 ? -lr : 0);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        m[i] = mu * m[i] + one_mu * g[i];
        w[i] = w[i] * shrink - (m[i] > 0 ? lr : m[i] < 0 ? -lr : 0);
    }
}

static const struct param params[] = {
    P_REAL(struct signum, lr, "0.01", AT_LEAST(0),
           "learning rate: the length of every weight's step", .role = PARAM_ROLE_LR),
    P_REAL(struct signum, momentum, "0.9", FROM_BELOW(0, 1),
           "share of the last momentum kept; 0: signSGD", .role = PARAM_ROLE_MOMENTUM),
    OPTIM_DECAY(struct signum, "0", "decoupled weight decay"), P_END};

const struct optim_kind optim_signum = {
    .base =
        {
            .name = "signum",
            .title = "Signum: the sign of the momentum",
            .equation = "m = momentum * m + (1 - momentum) * g\n"
                        "w = w - lr * (sign(m) + weight_decay * w)",
            .source = "Bernstein et al. 2018, algorithm 2, arXiv:1802.04434",
            .note =
                "Needs a learning rate about as small as Adam's; the default is that of the authors' code in MXNet.",
            .params = params,
            .options_size = sizeof(struct signum),
        },
    .family = OPTIM_SIGN,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = optim_always,
    .slots = {{.name = "momentum_buffer", .used = has_momentum}},
    .step = step,
    .elementwise = optim_always,
};
