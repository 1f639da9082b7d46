/* Yogi: the second moment moves by a bounded amount. Zaheer et al. 2018, algorithm 2 ("Adaptive
 * methods for nonconvex optimization", NeurIPS 31).
 *     m = beta1 m + (1 - beta1) g
 *     v = v - (1 - beta2) sign(v - g^2) g^2
 *     w = w - lr m^ / (sqrt(v^) + eps) */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct yogi {
    struct optim_common common;
    double lr, betas[2], eps, initial;
    double weight_decay;
    uint32_t decay_exempt;
};

/* Both moments begin at `initial`; the padding stays 0, so that its weights do. */
static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    (void)scalar;
    const struct yogi *o = options;
    for (size_t t = 0; t < count; t++)
        for (size_t c = 0; c < views[t].shape.cols; c++)
            for (size_t r = 0; r < views[t].shape.rows; r++)
                for (int s = 0; s < 2; s++)
                    views[t].slot[s][c * views[t].shape.ld + r] = (float)o->initial;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct yogi *o = options;
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1];
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1];
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), one_beta2 = (float)(1 - b2);
    float size = (float)(now->lr / (1 - math_pow(b1, t))),
          root = (float)(1 / sqrt(1 - math_pow(b2, t)));
    float eps = optim_eps(o->eps), decay = (float)x->decay;
    for (size_t i = 0; i < x->n; i++) {
        float gi = g[i] + decay * w[i], square = gi * gi;
        m[i] = beta1 * m[i] + one_beta1 * gi;
        v[i] -= v[i] > square ? one_beta2 * square : v[i] < square ? -one_beta2 * square : 0;
        w[i] -= size * (m[i] / (sqrtf(v[i]) * root + eps));
    }
}

static const struct param params[] = {
    P_REAL(struct yogi, lr, "0.01", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct yogi, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first moment, rate of the second", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct yogi, eps, "0.001", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct yogi, initial, "1e-6", AT_LEAST(0), "both moments before the first update"),
    OPTIM_DECAY(struct yogi, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_yogi = {
    .base =
        {
            .name = "yogi",
            .title = "Yogi: a second moment that grows slowly",
            .equation = "m = beta1 * m + (1 - beta1) * g\n"
                        "v = v - (1 - beta2) * sign(v - g^2) * g^2\n"
                        "w = w - lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
            .source = "Zaheer et al. 2018, algorithm 2, NeurIPS 31",
            .note = "Keeps Adam's step size from growing fast where gradients are sparse.",
            .params = params,
            .options_size = sizeof(struct yogi),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}},
    .start = start,
    .step = step,
    .elementwise = optim_always,
};
