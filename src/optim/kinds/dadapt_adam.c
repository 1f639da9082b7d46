/* D-Adaptation for Adam. Defazio and Mishchenko 2023, algorithm 5 (arXiv:2301.07733), as the authors'
 * code has it, over all weights together. b = sqrt(beta2):
 *     a = d lr    (bias_correction: times sqrt(1 - beta2^t) / (1 - beta1^t))
 *     r = b r + (1 - b) a <g, s / (sqrt(v) + eps)>          s and v of before
 *     m = beta1 m + (1 - beta1) a g,  v = beta2 v + (1 - beta2) g^2
 *     s = b s + (1 - b) a g
 *     d = max(d, min(r / ((1 - b) |s|_1), d growth))
 *     w = w - m / (sqrt(v) + eps)                           decoupled: - a weight_decay w */
#include "num/math.h"
#include "num/vec.h"
#include "optim/optim.h"
#include "optim/wrappers.h"
#include <math.h>

struct dadapt_adam {
    struct optim_common common;
    double lr, betas[2], eps, d0, growth;
    bool bias_correction, decoupled;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { D, NUMERATOR };           /* scalars */
enum { EXP_AVG, EXP_AVG_SQ, S }; /* slots */

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    (void)views, (void)count;
    scalar[D] = ((const struct dadapt_adam *)options)->d0;
}

/* Moves the moments and s of one tensor; returns its <g, s / (sqrt(v) + eps)> of before. */
static double gather(const struct dadapt_adam *o, const struct optim_now *now,
                     const struct optim_view *x, double a)
{
    float *restrict m = x->slot[EXP_AVG], *restrict v = x->slot[EXP_AVG_SQ],
                    *restrict s = x->slot[S], *restrict sum = now->scratch,
                    *restrict way = now->scratch + x->n;
    const float *restrict w = x->w, *restrict g = x->g;
    double b1 = now->momentum, b2 = o->betas[1], b3 = sqrt(b2);
    float beta1 = (float)b1, of_m = (float)((1 - b1) * a), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2), beta3 = (float)b3, of_s = (float)((1 - b3) * a);
    float eps = optim_eps(o->eps), decay = o->decoupled ? 0 : (float)x->decay;
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        float gi = g[i] + decay * w[i];
        sum[i] = gi;
        way[i] = s[i] / (sqrtf(v[i]) + eps);
        m[i] = beta1 * m[i] + of_m * gi;
        v[i] = beta2 * v[i] + one_beta2 * gi * gi;
        s[i] = beta3 * s[i] + of_s * gi;
    }
    return vec_dot(sum, way, x->n);
}

/* Where the step is cautious: m / (sqrt(v) + eps), masked, into scratch. */
static const float *masked(const struct dadapt_adam *o, const struct optim_now *now,
                           const struct optim_view *x, float eps)
{
    float *restrict u = now->scratch, *restrict sum = now->scratch + x->n;
    const float *restrict m = x->slot[EXP_AVG], *restrict v = x->slot[EXP_AVG_SQ],
                          *restrict w = x->w, *restrict g = x->g;
    float decay = o->decoupled ? 0 : (float)x->decay;
    for (size_t i = 0; i < x->n; i++) {
        sum[i] = g[i] + decay * w[i];
        u[i] = m[i] / (sqrtf(v[i]) + eps);
    }
    cautious_mask(x, sum, u);
    return u;
}

/* u: the masked step, or NULL. */
static void move(const struct optim_view *x, float eps, float shrink, const float *u)
{
    float *restrict w = x->w, *restrict m = x->slot[EXP_AVG], *restrict v = x->slot[EXP_AVG_SQ];
    for (size_t i = 0; i < x->n; i++)
        w[i] = w[i] * shrink - (u ? u[i] : m[i] / (sqrtf(v[i]) + eps));
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    const struct dadapt_adam *o = options;
    double *k = now->scalar, t = (double)now->t, b2 = o->betas[1], b3 = sqrt(b2), dot = 0, l1 = 0;
    double a = k[D] * now->lr;
    if (o->bias_correction)
        a *= sqrt(1 - math_pow(b2, t)) / (1 - math_pow(now->momentum, t));
    for (size_t i = 0; i < count; i++) {
        dot += gather(o, now, &views[i], a * views[i].lr_factor);
        l1 += vec_sum_abs(views[i].slot[S], views[i].n);
    }
    if (!(l1 > 0))
        return;
    k[NUMERATOR] = b3 * k[NUMERATOR] + (1 - b3) * a * dot;
    if (now->lr > 0 && b3 < 1) {
        double found = k[NUMERATOR] / ((1 - b3) * l1);
        k[D] = fmax(k[D], isnan(o->growth) ? found : fmin(found, k[D] * o->growth));
    }
    float eps = optim_eps(o->eps);
    for (size_t i = 0; i < count; i++)
        move(&views[i], eps,
             o->decoupled ? (float)(1 - a * views[i].lr_factor * views[i].decay) : 1,
             o->common.cautious ? masked(o, now, &views[i], eps) : NULL);
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)options;
    (void)role;
    return 2 * tensor_stored(s);
}

static const struct param params[] = {
    P_REAL(struct dadapt_adam, lr, "1", AT_LEAST(0),
           "factor of the learning rate that is found; schedules move it", .role = PARAM_ROLE_LR),
    P_PAIR(struct dadapt_adam, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct dadapt_adam, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct dadapt_adam, d0, "1e-6", AT_LEAST(1e-15), "first guess of the distance"),
    P_REAL(struct dadapt_adam, growth, "null", AT_LEAST(1),
           "largest growth of d in an update; null: any", .nullable = true),
    P_BOOL(struct dadapt_adam, bias_correction, "false", "correct the moments as Adam does"),
    P_BOOL(struct dadapt_adam, decoupled, "false", "weight decay as AdamW's, not as L2 penalty"),
    OPTIM_DECAY(struct dadapt_adam, "0", "weight decay; see decoupled"),
    P_END};

const struct optim_kind optim_dadapt_adam = {
    .base =
        {
            .name = "dadapt_adam",
            .title = "D-Adaptation: Adam without a learning rate to find",
            .equation = "a = d * lr;  b = sqrt(beta2)\n"
                        "r = b * r + (1 - b) * a * <g, s / (sqrt(v) + eps)>    s and v of before\n"
                        "m = beta1 * m + (1 - beta1) * a * g\n"
                        "v = beta2 * v + (1 - beta2) * g^2;  s = b * s + (1 - b) * a * g\n"
                        "d = max(d, r / ((1 - b) * |s|_1))\n"
                        "w = w - m / (sqrt(v) + eps)",
            .source = "Defazio and Mishchenko 2023, algorithm 5, arXiv:2301.07733",
            .note =
                "Leave lr at 1 and give it the schedule that Adam would have. One d for all: a group's "
                "factor of lr is in its m and s, and so in r and |s|_1; the authors' code takes the factors 0 and 1 alone. "
                "Prodigy is its successor.",
            .params = params,
            .options_size = sizeof(struct dadapt_adam),
        },
    .family = OPTIM_NO_LR,
    .cautious = CAUTIOUS_OWN,
    .time = "2 passes: sums over all weights first",
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}, {.name = "s"}},
    .scalars = {{.name = "d"}, {.name = "numerator_weighted"}},
    .start = start,
    .step_all = step_all,
    .scratch = scratch,
};
