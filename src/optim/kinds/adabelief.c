/* AdaBelief, algorithm 2 of Zhuang et al. 2020 (arXiv:2010.07468), as in the lecture: eps goes into
 * the state.
 *     m = beta1 m + (1 - beta1) g
 *     s = beta2 s + (1 - beta2) (g - m)^2 + eps
 *     w = w - lr m^ / (sqrt(s^) + eps)
 * rectify (the authors' package): radam's term with eps beside the uncorrected root, plain momentum
 * while rho_t < 5. */
#include "num/math.h"
#include "optim/kinds/rectified.h"
#include "optim/optim.h"

struct adabelief {
    struct optim_common common;
    double lr, betas[2], eps;
    bool rectify, decoupled, amsgrad;
    double weight_decay;
    uint32_t decay_exempt;
};

static bool is_amsgrad(const void *options)
{
    return ((const struct adabelief *)options)->amsgrad;
}

/* The update in numbers: w -= size m / (sqrt(s) root + eps), or size m alone. */
struct numbers {
    float size, root, eps, l2, shrink;
    bool plain;
};

static struct numbers numbers_of(const struct adabelief *o, const struct optim_now *now,
                                 double decay)
{
    double t = (double)now->t, c1 = 1 - math_pow(now->momentum, t),
           c2 = 1 - math_pow(o->betas[1], t), size = now->lr / c1;
    bool late = o->rectify && rectified_length(o->betas[1], t) >= 5;
    return (struct numbers){
        .size = (float)(late ? size * rectified_term(o->betas[1], t) * sqrt(c2) : size),
        .root = (float)(o->rectify ? 1 : 1 / sqrt(c2)),
        .eps = optim_eps(o->eps),
        .l2 = o->decoupled ? 0 : (float)decay,
        .shrink = o->decoupled ? (float)(1 - now->lr * decay) : 1,
        .plain = o->rectify && !late,
    };
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct adabelief *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict s = x->slot[1],
                    *restrict most = x->slot[2];
    const float *restrict g = x->g;
    const struct numbers k = numbers_of(o, now, x->decay);
    float beta1 = (float)now->momentum, one_beta1 = (float)(1 - now->momentum);
    float beta2 = (float)o->betas[1], one_beta2 = (float)(1 - o->betas[1]);
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        float wi = w[i] * k.shrink, gi = g[i] + k.l2 * wi;
        m[i] = beta1 * m[i] + one_beta1 * gi;
        float surprise = gi - m[i];
        float under = s[i] = beta2 * s[i] + one_beta2 * surprise * surprise + k.eps;
        if (most)
            under = most[i] = under > most[i] ? under : most[i];
        w[i] = wi - (k.plain ? k.size * m[i] : k.size * (m[i] / (sqrtf(under) * k.root + k.eps)));
    }
}

static bool is_decoupled(const void *options)
{
    return ((const struct adabelief *)options)->decoupled;
}

static const struct param params[] = {
    P_REAL(struct adabelief, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct adabelief, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the gradient and of its squared surprise", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct adabelief, eps, "1e-16", AT_LEAST(0),
           "added to the state at each update, and to the denominator"),
    P_BOOL(struct adabelief, rectify, "false",
           "radam's rectification, as the authors' package has it on by default"),
    P_BOOL(struct adabelief, decoupled, "true",
           "weight decay beside the gradient (AdamW's), not in it"),
    P_BOOL(
        struct adabelief, amsgrad, "false",
        "divide by the largest state so far, eps included; with rectify too, where the authors' package does not"),
    OPTIM_DECAY(struct adabelief, "0", "weight decay, see decoupled"),
    P_END};

const struct optim_kind optim_adabelief = {
    .base =
        {
            .name = "adabelief",
            .title = "AdaBelief: adapt to the belief in the gradient",
            .equation = "m = beta1 * m + (1 - beta1) * g\n"
                        "s = beta2 * s + (1 - beta2) * (g - m)^2 + eps\n"
                        "w = w - lr * m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + eps)",
            .source = "Zhuang et al. 2020, algorithm 2, arXiv:2010.07468",
            .note =
                "Large steps where the gradient is as expected. eps is part of the algorithm here: it adds up in s, and its "
                "value (1e-16 or 1e-8) changes results. The lecture's notebook runs the package with rectify: true.",
            .params = params,
            .options_size = sizeof(struct adabelief),
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = is_decoupled,
    .slots = {{.name = "exp_avg", .fades = true},
              {.name = "exp_avg_var"},
              {.name = "max_exp_avg_var", .used = is_amsgrad}},
    .step = step,
    .elementwise = optim_always,
};
