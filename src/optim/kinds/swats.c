/* SWATS: Adam that turns into SGD. Keskar and Socher 2017, algorithm 1 (arXiv:1712.07628), over all
 * weights together.
 *     Adam   p = -lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps);  w = w + p
 *            gamma = p'p / -p'g;  lambda = beta2 lambda + (1 - beta2) gamma
 *            L = lambda / (1 - beta2^t)
 *            to SGD from the next update if t > 1, L > 0 and |L - gamma| < threshold
 *     SGD    b = beta1 b + g;  w = w - (1 - beta1) L b */
#include "num/math.h"
#include "num/vec.h"
#include "optim/optim.h"
#include "optim/wrappers.h"
#include <math.h>

struct swats {
    struct optim_common common;
    double lr, betas[2], eps, threshold, rtol;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { LAMBDA, SGD_LR, SWITCHED }; /* scalars; the last: after which update, 0: not yet */
enum { M, V, BUFFER };             /* slots */

/* Adam's step of one tensor; adds its part of p'p and p'g, p as it would be without its group's
 * factor: of a tensor that stands still, nothing. */
static void adam(const struct swats *o, const struct optim_now *now, const struct optim_view *x,
                 double *pp, double *pg)
{
    float *restrict w = x->w, *restrict m = x->slot[M], *restrict v = x->slot[V],
                    *restrict p = now->scratch,
                    *restrict sum = o->common.cautious ? now->scratch + x->n : NULL;
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1];
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2);
    double f = x->lr_factor;
    float size = (float)(f * now->lr * sqrt(1 - math_pow(b2, t)) / (1 - math_pow(b1, t)));
    float eps = optim_eps(o->eps), decay = (float)x->decay;
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        float gi = g[i] + decay * w[i];
        m[i] = beta1 * m[i] + one_beta1 * gi;
        v[i] = beta2 * v[i] + one_beta2 * gi * gi;
        p[i] = -size * (m[i] / (sqrtf(v[i]) + eps));
        if (sum)
            sum[i] = gi; /* and w moves below */
        else
            w[i] += p[i];
    }
    double square = vec_sum_squares(p, x->n), dot = vec_dot(p, g, x->n);
    if (x->decay > 0) /* p'w of the weights before */
        dot += x->decay * (vec_dot(p, w, x->n) - (sum ? 0 : square));
    if (sum)
        cautious_apply(x, 1, p, sum);
    if (f > 0) {
        *pp += square / (f * f);
        *pg += dot / f;
    }
}

static void sgd(const struct optim_now *now, const struct optim_view *x)
{
    float *restrict w = x->w, *restrict b = x->slot[BUFFER];
    const float *restrict g = x->g;
    float mu = (float)now->momentum,
          lr = (float)((1 - now->momentum) * now->scalar[SGD_LR] * x->lr_factor),
          decay = (float)x->decay;
    for (size_t i = 0; i < x->n; i++) {
        b[i] = mu * b[i] + g[i] + decay * w[i];
        w[i] -= lr * b[i];
    }
}

static void sgd_cautiously(const struct optim_now *now, const struct optim_view *x)
{
    float *restrict b = x->slot[BUFFER], *restrict p = now->scratch,
                    *restrict sum = now->scratch + x->n;
    const float *restrict w = x->w, *restrict g = x->g;
    float mu = (float)now->momentum,
          lr = (float)((1 - now->momentum) * now->scalar[SGD_LR] * x->lr_factor),
          decay = (float)x->decay;
    for (size_t i = 0; i < x->n; i++) {
        sum[i] = g[i] + decay * w[i];
        b[i] = mu * b[i] + sum[i];
        p[i] = -lr * b[i];
    }
    cautious_apply(x, 1, p, sum);
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    const struct swats *o = options;
    double pp = 0, pg = 0, b2 = o->betas[1], *s = now->scalar;
    for (size_t i = 0; i < count; i++)
        if (s[SWITCHED] > 0 && o->common.cautious)
            sgd_cautiously(now, &views[i]);
        else if (s[SWITCHED] > 0)
            sgd(now, &views[i]);
        else
            adam(o, now, &views[i], &pp, &pg);
    if (s[SWITCHED] > 0 || !(fabs(pg) > 0))
        return;
    double gamma = pp / -pg, threshold = o->threshold;
    s[LAMBDA] = b2 * s[LAMBDA] + (1 - b2) * gamma;
    s[SGD_LR] = s[LAMBDA] / (1 - math_pow(b2, (double)now->t));
    if (!isnan(o->rtol))
        threshold = o->rtol * s[SGD_LR];
    if (now->t > 1 && s[SGD_LR] > 0 && fabs(s[SGD_LR] - gamma) < threshold)
        s[SWITCHED] = (double)now->t;
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)role;
    return (optim_common(options)->cautious ? 2 : 1) * tensor_stored(s);
}

static const char *event(const double *scalar, uint64_t *ret_update)
{
    *ret_update = (uint64_t)scalar[SWITCHED];
    return scalar[SWITCHED] > 0 ? "switched to SGD" : NULL;
}

static const struct param params[] = {
    P_REAL(struct swats, lr, "0.001", AT_LEAST(0), "learning rate of Adam; SGD's is found",
           .role = PARAM_ROLE_LR),
    P_PAIR(struct swats, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the moments; the first is SGD's momentum too", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct swats, eps, "1e-9", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct swats, threshold, "1e-9", ABOVE(0),
           "how close the estimate of SGD's learning rate comes to its mean"),
    P_REAL(struct swats, rtol, "null", ABOVE(0),
           "the same relative to that mean, instead of threshold", .nullable = true),
    OPTIM_DECAY(struct swats, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_swats = {
    .base =
        {
            .name = "swats",
            .title = "SWATS: switch from Adam to SGD",
            .equation =
                "Adam:  p = -lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps);  w = w + p\n"
                "       gamma = p'p / -p'g;  l = beta2 * l + (1 - beta2) * gamma;  L = l / (1 - beta2^t)\n"
                "       if t > 1, L > 0 and |L - gamma| < threshold: SGD from here on\n"
                "SGD:   b = beta1 * b + g;  w = w - (1 - beta1) * L * b",
            .source = "Keskar and Socher 2017, algorithm 1, arXiv:1712.07628",
            .note =
                "One estimate for all weights, as in the paper. Its threshold of 1e-9 hardly ever fires; implementations "
                "use 1e-6, or a relative one (rtol). After the switch the learning rate is L, whatever a "
                "schedule of the lr says; those of momentum and weight_decay still count.",
            .params = params,
            .options_size = sizeof(struct swats),
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_OWN,
    .time = "2 passes: until the switch, then one",
    .slots = {{.name = "exp_avg", .fades = true},
              {.name = "exp_avg_sq"},
              {.name = "momentum_buffer", .fades = true}},
    .scalars = {{.name = "lambda"}, {.name = "sgd_lr"}, {.name = "switched"}},
    .step_all = step_all,
    .event = event,
    .scratch = scratch,
};
