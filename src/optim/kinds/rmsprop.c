/* RMSProp, Tieleman and Hinton 2012 (Coursera lecture 6.5); centered: Graves 2013
 * (arXiv:1308.0850), equations 38-45.
 *     s = alpha s + (1 - alpha) g^2
 *     d = sqrt(s) + eps;    centered: m = alpha m + (1 - alpha) g;  d = sqrt(max(0, s - m^2)) + eps
 *     w = w - lr g / d;     with momentum: b = mu b + g / d;  w = w - lr b
 * Rounding can make s - m^2 negative where the gradient is constant: PyTorch, without the max,
 * gives NaN there. */
#include "optim/optim.h"
#include <math.h>

struct rmsprop {
    struct optim_common common;
    double lr, alpha, eps, momentum;
    bool centered;
    double weight_decay;
    uint32_t decay_exempt;
};

static bool is_centered(const void *options)
{
    return ((const struct rmsprop *)options)->centered;
}

static bool has_momentum(const void *options)
{
    return ((const struct rmsprop *)options)->momentum > 0;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct rmsprop *o = options;
    float *restrict w = v->w, *restrict s = v->slot[0], *restrict m = v->slot[1],
                    *restrict b = v->slot[2];
    const float *restrict g = v->g;
    float lr = (float)now->lr, mu = (float)now->momentum, decay = (float)v->decay;
    float alpha = (float)o->alpha, one_alpha = (float)(1 - o->alpha), eps = optim_eps(o->eps);
    VECTORIZED_FOR(size_t i = 0; i < v->n; i++)
    {
        float gi = g[i] + decay * w[i], square = s[i] = alpha * s[i] + one_alpha * gi * gi;
        if (m) {
            m[i] = alpha * m[i] + one_alpha * gi;
            square -= m[i] * m[i];
            square = square < 0 ? 0 : square;
        }
        float d = gi / (sqrtf(square) + eps);
        if (b)
            d = b[i] = mu * b[i] + d;
        w[i] -= lr * d;
    }
}

static const struct param params[] = {
    P_REAL(struct rmsprop, lr, "0.01", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_REAL(struct rmsprop, alpha, "0.99", FROM_BELOW(0, 1), "decay of the squared gradients"),
    P_REAL(struct rmsprop, eps, "1e-8", AT_LEAST(0), "added to the root"),
    P_REAL(struct rmsprop, momentum, "0", FROM_BELOW(0, 1), "share of the last velocity kept",
           .role = PARAM_ROLE_MOMENTUM),
    P_BOOL(struct rmsprop, centered, "false",
           "divide by the standard deviation, not the root mean square"),
    OPTIM_DECAY(struct rmsprop, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_rmsprop = {
    .base =
        {
            .name = "rmsprop",
            .title = "RMSProp: divide by the recent size of the gradient",
            .equation = "s = alpha * s + (1 - alpha) * g^2\n"
                        "w = w - lr * g / (sqrt(s) + eps)",
            .source =
                "Tieleman and Hinton 2012, lecture 6.5; centered: Graves 2013, arXiv:1308.0850",
            .note =
                "eps is added to the root (PyTorch); the original has none, others add it under the root.",
            .params = params,
            .options_size = sizeof(struct rmsprop),
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "square_avg"},
              {.name = "grad_avg", .used = is_centered},
              {.name = "momentum_buffer", .fades = true, .used = has_momentum}},
    .step = step,
    .elementwise = optim_always,
};
