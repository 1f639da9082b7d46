/* Averaged stochastic gradient descent: Polyak and Juditsky 1992, in the form of Bottou's and
 * PyTorch's code.
 *     w = w (1 - lambd eta) - eta g
 *     ax = w while mu = 1, then ax = ax + mu (w - ax)
 *     eta = lr / (1 + lambd lr t)^alpha,  mu = 1 / max(1, t - t0)         for the next update
 * The average ax is what is evaluated. */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct asgd {
    struct optim_common common;
    double lr, lambd, alpha, t0;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { ETA, MU };

static void update(const struct optim_view *v, float shrink, float eta, double mu)
{
    float *restrict w = v->w, *restrict ax = v->slot[0];
    const float *restrict g = v->g;
    float decay = (float)v->decay, share = (float)mu;
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i];
        w[i] = w[i] * shrink - eta * gi;
        ax[i] = mu < 1 ? ax[i] + share * (w[i] - ax[i]) : w[i];
    }
}

/* Of eta after t updates, the last with this lr: that of a group with `factor` times this lr. */
static double own_share(const struct asgd *o, double lr, double t, double factor)
{
    double slower = (1 + o->lambd * lr * t) / (1 + o->lambd * factor * lr * t);
    return slower < 1 || slower > 1 ? factor * math_pow(slower, o->alpha) : factor;
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    const struct asgd *o = options;
    double t = (double)now->t, *eta = &now->scalar[ETA], *mu = &now->scalar[MU];
    if (now->t == 1)
        *eta = now->lr;
    for (size_t i = 0; i < count; i++) {
        double own = *eta * own_share(o, now->last_lr, t - 1, views[i].lr_factor);
        update(&views[i], (float)(1 - o->lambd * own), (float)own, *mu);
    }
    *eta = now->lr / math_pow(1 + o->lambd * now->lr * t, o->alpha);
    *mu = 1 / fmax(1, t - o->t0);
}

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    (void)options, (void)scalar;
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < views[t].n; i++)
            views[t].slot[0][i] = views[t].w[i];
}

static const struct param params[] = {
    P_REAL(struct asgd, lr, "0.01", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_REAL(struct asgd, lambd, "1e-4", AT_LEAST(0),
           "decay of the weights and of the learning rate"),
    P_REAL(struct asgd, alpha, "0.75", AT_LEAST(0), "power of the learning rate's decay"),
    P_REAL(struct asgd, t0, "1e6", AT_LEAST(0), "when the averaging starts", .unit = "updates"),
    OPTIM_DECAY(struct asgd, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_asgd = {
    .base =
        {
            .name = "asgd",
            .title = "ASGD: averaged stochastic gradient descent",
            .equation = "w = w * (1 - lambd * eta) - eta * g\n"
                        "ax = ax + mu * (w - ax)\n"
                        "eta = lr / (1 + lambd * lr * t)^alpha;  mu = 1 / max(1, t - t0)",
            .source =
                "Polyak and Juditsky 1992, \"Acceleration of stochastic approximation by averaging\"",
            .note =
                "Evaluates with the average ax, which is w itself until update t0: set t0 to the updates of an epoch or so. "
                "The scale of eta is that of the update before, as PyTorch's. "
                "Batch-norm statistics are taken again at ax once it is not w.",
            .params = params,
            .options_size = sizeof(struct asgd),
        },
    .family = OPTIM_AVERAGING,
    .slots = {{.name = "ax"}},
    .scalars = {{.name = "eta"}, {.name = "mu", .initial = 1}},
    .start = start,
    .step_all = step_all,
    .evaluate_slot = "ax",
};
