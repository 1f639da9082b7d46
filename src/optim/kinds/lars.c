/* LARS: a learning rate for each layer. You, Gitman and Ginsburg 2017, algorithm 1
 * (arXiv:1708.03888).
 *     ratio = eta |w| / (|g| + weight_decay |w| + eps), 1 where |w| or |g| is 0 and where exempt
 *     lr_inside    v = mu v + lr ratio (g + weight_decay w);  w = w - v
 *     lr_outside   v = mu v + ratio (g + weight_decay w);     w = w - lr v */
#include "num/vec.h"
#include "optim/kinds/sgd.h"
#include "optim/optim.h"
#include "optim/wrappers.h"
#include <math.h>

struct lars {
    struct optim_common common;
    double lr, momentum, trust_coefficient, eps;
    int momentum_form;
    bool trust_clip;
    uint32_t exempt;
    double weight_decay;
};

static double trust_ratio(const struct lars *o, const struct optim_now *now,
                          const struct optim_view *v)
{
    double w = sqrt(vec_sum_squares(v->w, v->n)), g = sqrt(vec_sum_squares(v->g, v->n));
    if (optim_is_exempt(o->exempt, v->role) || !(w > 0) || !(g > 0))
        return 1;
    double ratio = o->trust_coefficient * w / (g + v->decay * w + o->eps);
    if (!o->trust_clip)
        return ratio;
    return ratio < now->lr ? ratio / now->lr : 1;
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)role;
    return optim_common(options)->cautious ? 2 * tensor_stored(s) : 0;
}

/* The velocity gathers; w goes where the masked one points. */
static void step_cautiously(const struct optim_now *now, const struct optim_view *v, float in,
                            float out)
{
    float *restrict w = v->w, *restrict b = v->slot[0], *restrict u = now->scratch,
                    *restrict sum = now->scratch + v->n;
    const float *restrict g = v->g;
    float mu = (float)now->momentum, decay = (float)v->decay;
    for (size_t i = 0; i < v->n; i++) {
        sum[i] = g[i] + decay * w[i];
        u[i] = b[i] = mu * b[i] + in * sum[i];
    }
    cautious_mask(v, sum, u);
    for (size_t i = 0; i < v->n; i++)
        w[i] -= out * u[i];
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct lars *o = options;
    float *restrict w = v->w, *restrict b = v->slot[0];
    const float *restrict g = v->g;
    bool inside = o->momentum_form == LR_INSIDE;
    double ratio = trust_ratio(o, now, v);
    float mu = (float)now->momentum, decay = (float)v->decay;
    float in = (float)(inside ? now->lr * ratio : ratio), out = (float)(inside ? 1 : now->lr);
    if (o->common.cautious) {
        step_cautiously(now, v, in, out);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        b[i] = mu * b[i] + in * (g[i] + decay * w[i]);
        w[i] -= out * b[i];
    }
}

static const struct param params[] = {
    P_REAL(struct lars, lr, "1", AT_LEAST(0), "learning rate, which each layer's ratio multiplies",
           .role = PARAM_ROLE_LR),
    P_REAL(struct lars, momentum, "0.9", FROM_BELOW(0, 1), "share of the last velocity kept",
           .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct lars, trust_coefficient, "0.001", ABOVE(0),
           "eta: how far a layer moves, as a share of its norm"),
    P_REAL(struct lars, eps, "1e-8", AT_LEAST(0), "added to the ratio's denominator"),
    P_CHOICE(
        struct lars, momentum_form, "lr_inside", momentum_forms,
        "where lr multiplies: the gradient going into the velocity (the paper, optax), or the velocity"),
    P_BOOL(struct lars, trust_clip, "false",
           "no layer's rate above lr: ratio = min(ratio / lr, 1)"),
    P_CHOICES(struct lars, exempt, "[bias, norm]", optim_roles,
              "tensors with ratio 1 and without weight decay", .role = PARAM_ROLE_EXEMPT),
    P_REAL(struct lars, weight_decay, "0", AT_LEAST(0), "L2 penalty, part of the ratio",
           .role = PARAM_ROLE_DECAY),
    P_END};

const struct optim_kind optim_lars = {
    .base =
        {
            .name = "lars",
            .title = "LARS: layer-wise adaptive rate scaling",
            .equation = "ratio = eta * |w| / (|g| + weight_decay * |w| + eps)    for each tensor\n"
                        "v = momentum * v + lr * ratio * (g + weight_decay * w)\n"
                        "w = w - v",
            .source = "You, Gitman and Ginsburg 2017, algorithm 1, arXiv:1708.03888",
            .note =
                "For very large batches, with a warm-up. Implementations differ in where lr stands (momentum_form). A convolution's kernel is one tensor with one ratio.",
            .params = params,
            .options_size = sizeof(struct lars),
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_OWN,
    .time = "2 passes: a tensor's norms first",
    .slots = {{.name = "momentum_buffer", .fades = true}},
    .step = step,
    .scratch = scratch,
};
