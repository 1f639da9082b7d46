/* Schedule-free SGD: see optim/kinds/schedule_free.h; the direction u is g + weight_decay y. */
#include "optim/kinds/schedule_free.h"

struct schedule_free_sgd {
    struct optim_common common;
    double lr, momentum;
    SCHEDULE_FREE_OPTIONS;
    double weight_decay;
    uint32_t decay_exempt;
};

static void before(const void *options, const struct optim_now *now)
{
    const struct schedule_free_sgd *o = options;
    schedule_free_before(now, o->warmup_steps, o->r, o->weight_power);
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    (void)options;
    float *restrict y = v->w, *restrict z = v->slot[SF_Z], *restrict x = v->slot[SF_X];
    const float *restrict g = v->g;
    float a = (float)(now->scalar[SF_STEP] * v->lr_factor), c = (float)now->scalar[SF_SHARE],
          beta = (float)now->momentum;
    float decay = (float)v->decay;
    for (size_t i = 0; i < v->n; i++) {
        z[i] -= a * (g[i] + decay * y[i]);
        x[i] += c * (z[i] - x[i]);
        y[i] = z[i] + beta * (x[i] - z[i]);
    }
}

static const struct param params[] = {
    P_REAL(struct schedule_free_sgd, lr, "1", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_REAL(struct schedule_free_sgd, momentum, "0.9", FROM_BELOW(0, 1),
           "beta: how far y stands from z towards x", .role = PARAM_ROLE_MOMENTUM),
    SCHEDULE_FREE_PARAMS(struct schedule_free_sgd),
    OPTIM_DECAY(struct schedule_free_sgd, "0", "L2 penalty at y"), P_END};

const struct optim_kind optim_schedule_free_sgd = {
    .base =
        {
            .name = "schedule_free_sgd",
            .title = "schedule-free SGD: averaging in place of a schedule",
            .equation = "y = (1 - momentum) * z + momentum * x    (g is taken at y)\n"
                        "a = lr * min(1, t / warmup_steps);  L = max(L, a)\n"
                        "c = t^r * L^weight_power / (sum of these so far)\n"
                        "z = z - a * (g + weight_decay * y)\n"
                        "x = (1 - c) * x + c * z",
            .source = "Defazio et al. 2024, algorithm 1, arXiv:2405.15682",
            .note = SCHEDULE_FREE_NOTE,
            .params = params,
            .options_size = sizeof(struct schedule_free_sgd),
        },
    .family = OPTIM_AVERAGING,
    .slots = {{.name = "z"}, {.name = "x"}},
    .scalars = SCHEDULE_FREE_SCALARS,
    .start = schedule_free_start,
    .before = before,
    .step = step,
    .elementwise = optim_always,
    .evaluate_slot = "x",
};
