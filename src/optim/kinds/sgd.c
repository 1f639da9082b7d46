/* Stochastic gradient descent, with momentum and Nesterov's look-ahead.
 *
 * Robbins and Monro 1951; Polyak 1964 (momentum); Nesterov 1983 in the form of Sutskever et al.
 * 2013. With g the gradient, mu the momentum and b the buffer:
 *     g = g + weight_decay w
 *     lr_outside   b = g at the first update, later b = mu b + (1 - dampening) g
 *                  w = w - lr b              nesterov: w = w - lr (g + mu b)
 *     lr_inside    v = lr g at the first update, later v = mu v + lr (1 - dampening) g
 *                  w = w - v                 nesterov: w = w - (mu v + lr g) */
#include "optim/kinds/sgd.h"

const char *const momentum_forms[] = {"lr_outside", "lr_inside", NULL};

bool sgd_has_momentum(const void *options)
{
    return ((const struct sgd *)options)->momentum > 0;
}

bool sgd_is_heavy_ball(const void *options)
{
    const struct sgd *o = options;
    return !o->nesterov && !(o->dampening > 0) && !(o->weight_decay > 0);
}

const char *sgd_check(const void *options, const char **ret_key)
{
    const struct sgd *o = options;
    *ret_key = "nesterov";
    if (o->nesterov && !(o->momentum > 0))
        return "nesterov needs momentum > 0";
    if (o->nesterov && o->dampening > 0)
        return "nesterov needs dampening 0";
    *ret_key = "dampening";
    return o->dampening > 0 && !(o->momentum > 0)
               ? "dampening has no effect without momentum: it needs momentum > 0"
               : NULL;
}

static void plain(float lr, float decay, const struct optim_view *v)
{
    float *restrict w = v->w;
    const float *restrict g = v->g;
    for (size_t i = 0; i < v->n; i++)
        w[i] -= lr * (g[i] + decay * w[i]);
}

static void outside(float lr, float mu, float keep, bool nesterov, float decay,
                    const struct optim_view *v)
{
    float *restrict w = v->w, *restrict b = v->slot[0];
    const float *restrict g = v->g;
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i];
        b[i] = mu * b[i] + keep * gi;
        w[i] -= lr * (nesterov ? gi + mu * b[i] : b[i]);
    }
}

static void inside(float lr, float mu, float keep, bool nesterov, float decay,
                   const struct optim_view *v)
{
    float *restrict w = v->w, *restrict b = v->slot[0];
    const float *restrict g = v->g;
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i];
        b[i] = mu * b[i] + lr * keep * gi;
        w[i] -= nesterov ? mu * b[i] + lr * gi : b[i];
    }
}

VECTORIZED(sgd_step, (const void *options, const struct optim_now *now, const struct optim_view *v),
           (options, now, v))
{
    const struct sgd *o = options;
    bool first = now->t == 1;
    float lr = (float)now->lr, mu = (float)now->momentum, decay = (float)v->decay;
    float keep = first ? 1.0f : (float)(1 - o->dampening);
    if (!v->slot[0])
        plain(lr, decay, v);
    else if (o->momentum_form == LR_OUTSIDE)
        outside(lr, mu, keep, o->nesterov, decay, v);
    else
        inside(lr, mu, keep, o->nesterov, decay, v);
}

static const struct param params[] = {SGD_PARAMS("0", "false"), P_END};

const struct optim_kind optim_sgd = {
    .base =
        {
            .name = "sgd",
            .title = "SGD: stochastic gradient descent",
            .equation =
                "g = g + weight_decay * w\n"
                "b = momentum * b + (1 - dampening) * g    (b = g at the first update)\n"
                "w = w - lr * b                            (nesterov: w - lr * (g + momentum * b))",
            .source = "Robbins and Monro 1951; Polyak 1964; Sutskever et al. 2013",
            .note =
                "momentum_form lr_inside multiplies the gradient by lr as it enters the velocity (Caffe, the "
                "lecture): the same at a constant lr, another path under a schedule.",
            .params = params,
            .options_size = sizeof(struct sgd),
            .check = sgd_check,
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .slots = SGD_SLOTS,
    .step = sgd_step,
    .elementwise = optim_always,
    .heavy_ball = sgd_is_heavy_ball,
};
