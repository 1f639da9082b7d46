/* Adam, algorithm 1 of Kingma and Ba 2014 (arXiv:1412.6980); amsgrad of Reddi et al. 2018
 * (arXiv:1904.09237).
 *     m = beta1 m + (1 - beta1) g
 *     v = beta2 v + (1 - beta2) g^2
 *     w = w - lr m^ / (sqrt(v^) + eps),    m^ = m / (1 - beta1^t),  v^ = v / (1 - beta2^t)
 * amsgrad takes the largest of the uncorrected v so far, as PyTorch does. */
#include "optim/kinds/adam.h"
#include "num/math.h"
#include <math.h>

const char *const eps_modes[] = {"outside", "hat", NULL};

bool adam_is_amsgrad(const void *options)
{
    return ((const struct adam *)options)->amsgrad;
}

/* The update in numbers: w -= size m / (sqrt(v) root + eps). */
struct numbers {
    float beta1, one_beta1, beta2, one_beta2, size, root, eps, l2, shrink;
};

static void moments(const struct numbers *k, const struct optim_view *x)
{
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1];
    const float *restrict g = x->g;
    const struct numbers c = *k;
    for (size_t i = 0; i < x->n; i++) {
        float wi = w[i] * c.shrink, gi = g[i] + c.l2 * wi;
        m[i] = c.beta1 * m[i] + c.one_beta1 * gi;
        v[i] = c.beta2 * v[i] + c.one_beta2 * gi * gi;
        w[i] = wi - c.size * m[i] / (sqrtf(v[i]) * c.root + c.eps);
    }
}

static void moments_amsgrad(const struct numbers *k, const struct optim_view *x)
{
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1],
                    *restrict most = x->slot[2];
    const float *restrict g = x->g;
    const struct numbers c = *k;
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        float wi = w[i] * c.shrink, gi = g[i] + c.l2 * wi;
        m[i] = c.beta1 * m[i] + c.one_beta1 * gi;
        v[i] = c.beta2 * v[i] + c.one_beta2 * gi * gi;
        most[i] = v[i] > most[i] ? v[i] : most[i];
        w[i] = wi - c.size * m[i] / (sqrtf(most[i]) * c.root + c.eps);
    }
}

VECTORIZED(adam_step,
           (const void *options, const struct optim_now *now, const struct optim_view *v,
            bool decoupled),
           (options, now, v, decoupled))
{
    const struct adam *o = options;
    double t = (double)now->t, beta1 = now->momentum, beta2 = o->betas[1];
    /* under a schedule of beta1 the correction is that of the present value, as PyTorch's */
    double c1 = o->bias_correction ? 1 - math_pow(beta1, t) : 1,
           c2 = o->bias_correction ? 1 - math_pow(beta2, t) : 1;
    bool hat = o->eps_mode == EPS_HAT;
    struct numbers k = {
        .beta1 = (float)beta1,
        .one_beta1 = (float)(1 - beta1),
        .beta2 = (float)beta2,
        .one_beta2 = (float)(1 - beta2),
        .size = (float)(now->lr / c1 * (hat ? sqrt(c2) : 1)),
        .root = (float)(hat ? 1 : 1 / sqrt(c2)),
        .eps = optim_eps(o->eps),
        .l2 = decoupled ? 0 : (float)v->decay,
        .shrink = decoupled ? (float)(1 - now->lr * v->decay) : 1,
    };
    if (v->slot[2])
        moments_amsgrad(&k, v);
    else
        moments(&k, v);
}

static void step(const void *options, const struct optim_now *now, const struct optim_view *v)
{
    adam_step(options, now, v, false);
}

static const struct param params[] = {ADAM_PARAMS("0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_adam = {
    .base =
        {
            .name = "adam",
            .title = "Adam: adaptive moment estimation",
            .equation = "g = g + weight_decay * w\n"
                        "m = beta1 * m + (1 - beta1) * g\n"
                        "v = beta2 * v + (1 - beta2) * g^2\n"
                        "w = w - lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
            .source =
                "Kingma and Ba 2014, algorithm 1, arXiv:1412.6980; amsgrad: Reddi et al. 2018, arXiv:1904.09237",
            .note =
                "bias_correction: false is the lecture's first form. Sources differ in where eps is added (eps_mode).",
            .params = params,
            .options_size = sizeof(struct adam),
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .slots = ADAM_SLOTS,
    .step = step,
    .elementwise = optim_always,
};
