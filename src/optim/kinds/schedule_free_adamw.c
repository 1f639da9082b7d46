/* Schedule-free AdamW: see optim/kinds/schedule_free.h; the direction is Adam's without its first moment,
 *     v = beta2 v + (1 - beta2) g^2;  u = g / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay y */
#include "num/math.h"
#include "optim/kinds/schedule_free.h"

struct schedule_free_adamw {
    struct optim_common common;
    double lr, betas[2], eps;
    SCHEDULE_FREE_OPTIONS;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { EXP_AVG_SQ = SF_X + 1 };

static void before(const void *options, const struct optim_now *now)
{
    const struct schedule_free_adamw *o = options;
    schedule_free_before(now, o->warmup_steps, o->r, o->weight_power);
}

static void step(const void *options, const struct optim_now *now, const struct optim_view *p)
{
    const struct schedule_free_adamw *o = options;
    float *restrict y = p->w, *restrict z = p->slot[SF_Z], *restrict x = p->slot[SF_X],
                    *restrict v = p->slot[EXP_AVG_SQ];
    const float *restrict g = p->g;
    float a = (float)(now->scalar[SF_STEP] * p->lr_factor), c = (float)now->scalar[SF_SHARE],
          beta = (float)now->momentum;
    float beta2 = (float)o->betas[1], one_beta2 = (float)(1 - o->betas[1]), eps = optim_eps(o->eps);
    float root = (float)(1 / sqrt(1 - math_pow(o->betas[1], (double)now->t))),
          decay = (float)p->decay;
    VECTORIZED_FOR(size_t i = 0; i < p->n; i++)
    {
        v[i] = beta2 * v[i] + one_beta2 * g[i] * g[i];
        z[i] -= a * (g[i] / (sqrtf(v[i]) * root + eps) + decay * y[i]);
        x[i] += c * (z[i] - x[i]);
        y[i] = z[i] + beta * (x[i] - z[i]);
    }
}

static const struct param params[] = {
    P_REAL(struct schedule_free_adamw, lr, "0.0025", AT_LEAST(0), "learning rate",
           .role = PARAM_ROLE_LR),
    P_PAIR(struct schedule_free_adamw, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),
           "how far y stands from z towards x; decay of the second moment",
           .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct schedule_free_adamw, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    SCHEDULE_FREE_PARAMS(struct schedule_free_adamw),
    OPTIM_DECAY(struct schedule_free_adamw, "0", "weight decay at y, beside the gradient"),
    P_END};

const struct optim_kind optim_schedule_free_adamw = {
    .base =
        {
            .name = "schedule_free_adamw",
            .title = "schedule-free AdamW: averaging in place of a schedule",
            .equation = "y = (1 - beta1) * z + beta1 * x    (g is taken at y)\n"
                        "v = beta2 * v + (1 - beta2) * g^2\n"
                        "a = lr * min(1, t / warmup_steps);  L = max(L, a)\n"
                        "c = t^r * L^weight_power / (sum of these so far)\n"
                        "z = z - a * (g / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay * y)\n"
                        "x = (1 - c) * x + c * z",
            .source = "Defazio et al. 2024, arXiv:2405.15682",
            .note = SCHEDULE_FREE_NOTE,
            .params = params,
            .options_size = sizeof(struct schedule_free_adamw),
        },
    .family = OPTIM_AVERAGING,
    .slots = {{.name = "z"}, {.name = "x"}, {.name = "exp_avg_sq"}},
    .scalars = SCHEDULE_FREE_SCALARS,
    .start = schedule_free_start,
    .before = before,
    .step = step,
    .elementwise = optim_always,
    .evaluate_slot = "x",
};
