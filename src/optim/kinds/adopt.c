/* ADOPT: Adam that divides by the second moment of before, and takes the mean afterwards. Taniguchi
 * et al. 2024, algorithm 2 (arXiv:2411.02853).
 *     t = 1    v = g^2, and no step
 *     t > 1    u = clip(g / max(sqrt(v), eps), -c, c),  c = (t - 1)^clip_power
 *              m = beta1 m + (1 - beta1) u
 *              w = w - lr m
 *              v = beta2 v + (1 - beta2) g^2 */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct adopt {
    struct optim_common common;
    double lr, betas[2], eps, clip_power;
    bool decoupled;
    double weight_decay;
    uint32_t decay_exempt;
};

static void begin(const struct optim_view *x, float decay)
{
    const float *restrict w = x->w, *restrict g = x->g;
    float *restrict v = x->slot[1];
    for (size_t i = 0; i < x->n; i++) {
        float gi = g[i] + decay * w[i];
        v[i] = gi * gi;
    }
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct adopt *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1];
    const float *restrict g = x->g;
    double b1 = now->momentum, b2 = o->betas[1];
    float decay = o->decoupled ? 0 : (float)x->decay;
    if (now->t == 1) {
        begin(x, decay);
        return;
    }
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2);
    float clip =
        isnan(o->clip_power) ? INFINITY : (float)math_pow((double)now->t - 1, o->clip_power);
    float lr = (float)now->lr, eps = optim_eps(o->eps),
          shrink = o->decoupled ? (float)(1 - now->lr * x->decay) : 1;
    for (size_t i = 0; i < x->n; i++) {
        float gi = g[i] + decay * w[i], root = sqrtf(v[i]), u = gi / (root > eps ? root : eps);
        u = u > clip ? clip : u;
        u = u < -clip ? -clip : u;
        m[i] = beta1 * m[i] + one_beta1 * u;
        w[i] = w[i] * shrink - lr * m[i];
        v[i] = beta2 * v[i] + one_beta2 * gi * gi;
    }
}

static bool is_decoupled(const void *options)
{
    return ((const struct adopt *)options)->decoupled;
}

static double shrink(const void *options, const struct optim_now *now, const struct optim_view *v)
{
    (void)options;
    return now->t == 1 ? 1 : 1 - now->lr * v->decay;
}

static const struct param params[] = {
    P_REAL(struct adopt, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct adopt, betas, "[0.9, 0.9999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct adopt, eps, "1e-6", AT_LEAST(0), "least denominator"),
    P_REAL(struct adopt, clip_power, "0.25", AT_LEAST(0),
           "normed gradients are clipped at (t - 1) to this power; null: never", .nullable = true),
    P_BOOL(struct adopt, decoupled, "false", "weight decay as AdamW's, not as L2 penalty"),
    OPTIM_DECAY(struct adopt, "0", "weight decay; see decoupled"),
    P_END};

const struct optim_kind optim_adopt = {
    .base =
        {
            .name = "adopt",
            .title = "ADOPT: Adam that converges with any beta2",
            .equation = "v = g^2 and no step at the first update; then\n"
                        "u = g / max(sqrt(v), eps), clipped to +-(t - 1)^0.25\n"
                        "m = beta1 * m + (1 - beta1) * u\n"
                        "w = w - lr * m\n"
                        "v = beta2 * v + (1 - beta2) * g^2",
            .source = "Taniguchi et al. 2024, algorithm 2, arXiv:2411.02853",
            .note = "The first update only looks. Without the clip it is the paper's algorithm 1.",
            .params = params,
            .options_size = sizeof(struct adopt),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = is_decoupled,
    .shrink = shrink,
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}},
    .step = step,
    .elementwise = optim_always,
};
