/* Prodigy: Adam that finds its learning rate. Mishchenko and Defazio 2023, algorithm 4
 * (arXiv:2306.06101), as the authors' code has it. With w0 the first weights, d the distance to the
 * solution as known so far, over all weights together:
 *     a = d lr
 *     r = sqrt(beta2) r + d / d0 a <g, w0 - w>
 *     s = sqrt(beta2) s + d / d0 a g
 *     m = beta1 m + (1 - beta1) d g;  v = beta2 v + (1 - beta2) d^2 g^2
 *     d = min(d_max, d growth), where d_max is the largest d_coef r / |s|_1 so far
 *     w = w - a (m / (sqrt(v) + d eps) + weight_decay w)
 * The first moves may be far below what a float weight can tell, so w0 - w is summed up by itself; and
 * s, w0 - w, m and sqrt(v), which all begin about as small as d0, are kept in units of d0. */
#include "num/vec.h"
#include "optim/optim.h"
#include "optim/wrappers.h"
#include <math.h>

struct prodigy {
    struct optim_common common;
    double lr, betas[2], eps, d0, d_coef, growth;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { D, D_MAX, NUMERATOR };         /* scalars */
enum { S, WAY, EXP_AVG, EXP_AVG_SQ }; /* slots */

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    const struct prodigy *o = options;
    (void)views, (void)count;
    scalar[D] = scalar[D_MAX] = o->d0;
}

/* Moves s and the moments of one tensor; returns its <g, w0 - w>, in units of d0. */
static double gather(const struct prodigy *o, const struct optim_now *now,
                     const struct optim_view *x)
{
    float *restrict s = x->slot[S], *restrict m = x->slot[EXP_AVG],
                    *restrict v = x->slot[EXP_AVG_SQ];
    const float *restrict g = x->g;
    double d = now->scalar[D] / o->d0, b1 = now->momentum, b2 = o->betas[1];
    float beta1 = (float)b1, of_m = (float)((1 - b1) * d), beta2 = (float)b2,
          of_v = (float)((1 - b2) * d * d);
    float beta3 = (float)sqrt(b2), of_s = (float)(d * d * now->lr);
    for (size_t i = 0; i < x->n; i++) {
        s[i] = beta3 * s[i] + of_s * g[i];
        m[i] = beta1 * m[i] + of_m * g[i];
        v[i] = beta2 * v[i] + of_v * g[i] * g[i];
    }
    return vec_dot(g, x->slot[WAY], x->n);
}

/* Where the step is cautious: m / (sqrt(v) + eps), masked, into scratch. */
static const float *masked(const struct optim_now *now, const struct optim_view *x, float eps)
{
    float *restrict u = now->scratch;
    const float *restrict m = x->slot[EXP_AVG], *restrict v = x->slot[EXP_AVG_SQ];
    for (size_t i = 0; i < x->n; i++)
        u[i] = m[i] / (sqrtf(v[i]) + eps);
    cautious_mask(x, x->g, u);
    return u;
}

/* u: the masked step, or NULL. */
static void move(const struct optim_view *x, double d0, float eps, double a, const float *u)
{
    float *restrict w = x->w, *restrict m = x->slot[EXP_AVG], *restrict v = x->slot[EXP_AVG_SQ],
                    *restrict way = x->slot[WAY];
    float size = (float)a, shrink = (float)(1 - a * x->decay);
    float units = (float)(a / d0), decay = (float)(a * x->decay / d0);
    for (size_t i = 0; i < x->n; i++) {
        float step = u ? u[i] : m[i] / (sqrtf(v[i]) + eps);
        way[i] += units * step + decay * w[i];
        w[i] = w[i] * shrink - size * step;
    }
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    const struct prodigy *o = options;
    double *k = now->scalar, d = k[D], a = d * now->lr, dot = 0, l1 = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(views[i].lr_factor >
              0)) /* as in the authors' code: it stands still, and counts not */
            continue;
        dot += o->d0 * gather(o, now, &views[i]);
        l1 += o->d0 * vec_sum_abs(views[i].slot[S], views[i].n);
    }
    double numerator = sqrt(o->betas[1]) * k[NUMERATOR] + d / o->d0 * a * dot;
    if (!(l1 > 0)) /* no gradient has come yet */
        return;
    k[NUMERATOR] = numerator;
    if (now->lr > 0) {
        double estimate = o->d_coef * numerator / l1;
        if (d <= o->d0)
            d = fmax(d, estimate);
        k[D_MAX] = fmax(k[D_MAX], estimate);
        k[D] = isnan(o->growth) ? k[D_MAX] : fmin(k[D_MAX], d * o->growth);
    }
    float eps = optim_eps(k[D] / o->d0 * o->eps);
    for (size_t i = 0; i < count; i++)
        move(&views[i], o->d0, eps, a * views[i].lr_factor,
             o->common.cautious ? masked(now, &views[i], eps) : NULL);
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)role;
    return optim_common(options)->cautious ? tensor_stored(s) : 0;
}

static const struct param params[] = {
    P_REAL(struct prodigy, lr, "1", AT_LEAST(0),
           "factor of the learning rate that is found; schedules move it", .role = PARAM_ROLE_LR),
    P_PAIR(struct prodigy, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct prodigy, eps, "1e-8", AT_LEAST(0), "added to the denominator, times d"),
    P_REAL(struct prodigy, d0, "1e-6", AT_LEAST(1e-15), "first guess of the distance"),
    P_REAL(struct prodigy, d_coef, "1", ABOVE(0), "factor of the estimated distance"),
    P_REAL(struct prodigy, growth, "null", AT_LEAST(1),
           "largest growth of d in an update; null: any", .nullable = true),
    OPTIM_DECAY(struct prodigy, "0", "decoupled weight decay"),
    P_END};

const struct optim_kind optim_prodigy = {
    .base =
        {
            .name = "prodigy",
            .title = "Prodigy: Adam without a learning rate to find",
            .equation = "a = d * lr;  r = sqrt(beta2) * r + d / d0 * a * <g, w0 - w>\n"
                        "s = sqrt(beta2) * s + d / d0 * a * g\n"
                        "m = beta1 * m + (1 - beta1) * d * g\n"
                        "v = beta2 * v + (1 - beta2) * d^2 * g^2\n"
                        "d = max(d, d_coef * r / |s|_1)\n"
                        "w = w - a * (m / (sqrt(v) + d * eps) + weight_decay * w)",
            .source = "Mishchenko and Defazio 2023, algorithm 4, arXiv:2306.06101",
            .note =
                "Leave lr at 1 and give it a cosine schedule. As the authors' code: no bias correction. In checkpoints s, way (w0 - w), "
                "exp_avg and the root of exp_avg_sq are in units of d0. With lookahead way sums up the fast steps, not how the slow weights set them "
                "back.",
            .params = params,
            .options_size = sizeof(struct prodigy),
        },
    .family = OPTIM_NO_LR,
    .cautious = CAUTIOUS_OWN,
    .time = "2 passes: sums over all weights first",
    .slots = {{.name = "s"},
              {.name = "way"},
              {.name = "exp_avg", .fades = true},
              {.name = "exp_avg_sq"}},
    .scalars = {{.name = "d"}, {.name = "d_max"}, {.name = "d_numerator"}},
    .start = start,
    .step_all = step_all,
    .scratch = scratch,
};
