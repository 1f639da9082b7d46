/* LAMB: Adam's direction with a layer's own rate. You et al. 2019, algorithm 2 (arXiv:1904.00962).
 *     u = m^ / (sqrt(v^) + eps) + weight_decay w
 *     w = w - lr |w| / |u| u             the ratio is 1 where |w| or |u| is 0 */
#include "num/math.h"
#include "num/vec.h"
#include "optim/optim.h"
#include "optim/wrappers.h"
#include <math.h>

struct lamb {
    struct optim_common common;
    double lr, betas[2], eps;
    double weight_decay;
    uint32_t decay_exempt;
};

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)options;
    (void)role;
    return tensor_stored(s);
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct lamb *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1],
                    *restrict u = now->scratch;
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1];
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2);
    float mean = (float)(1 / (1 - math_pow(b1, t))), root = (float)(1 / sqrt(1 - math_pow(b2, t)));
    float eps = optim_eps(o->eps), decay = (float)x->decay;
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        m[i] = beta1 * m[i] + one_beta1 * g[i];
        v[i] = beta2 * v[i] + one_beta2 * g[i] * g[i];
        u[i] = m[i] * mean / (sqrtf(v[i]) * root + eps) + decay * w[i];
    }
    double of_w = sqrt(vec_sum_squares(w, x->n)), of_u = sqrt(vec_sum_squares(u, x->n));
    if (o->common.cautious) { /* the decay stands beside the mask, in the ratio the whole u */
        VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
        {
            u[i] = m[i] * mean / (sqrtf(v[i]) * root + eps);
        }
        cautious_mask(x, g, u);
        for (size_t i = 0; i < x->n; i++)
            u[i] += decay * w[i];
    }
    float lr = (float)(of_w > 0 && of_u > 0 ? now->lr * of_w / of_u : now->lr);
    for (size_t i = 0; i < x->n; i++)
        w[i] -= lr * u[i];
}

static const struct param params[] = {
    P_REAL(struct lamb, lr, "0.001", AT_LEAST(0),
           "learning rate, which each layer's ratio multiplies", .role = PARAM_ROLE_LR),
    P_PAIR(struct lamb, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct lamb, eps, "1e-6", AT_LEAST(0), "added to the denominator"),
    OPTIM_DECAY(struct lamb, "0.01", "weight decay, part of the layer's direction"), P_END};

const struct optim_kind optim_lamb = {
    .base =
        {
            .name = "lamb",
            .title = "LAMB: layer-wise Adam for large batches",
            .equation =
                "u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay * w\n"
                "w = w - lr * |w| / |u| * u    for each tensor",
            .source = "You et al. 2019, algorithm 2, arXiv:1904.00962",
            .note =
                "LARS with Adam inside; every tensor has its ratio, biases too. A convolution's kernel is one tensor.",
            .params = params,
            .options_size = sizeof(struct lamb),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_OWN,
    .time = "2 passes: a tensor's norms first",
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}},
    .step = step,
    .scratch = scratch,
};
