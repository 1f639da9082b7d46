/* Local gains: each weight's own learning rate grows while the gradient keeps its sign and shrinks
 * when it turns.
 *
 * Jacobs 1988, "Increased rates of convergence through learning rate adaptation" (delta-bar-delta).
 * With gain 1 and trace 0 at first:
 *     g trace > 0   gain = gain + kappa
 *     g trace < 0   gain = gain (1 - phi)
 *     trace = theta trace + (1 - theta) g
 *     w = w - lr gain g */
#include "optim/optim.h"
#include <math.h>

struct gains {
    struct optim_common common;
    double lr, beta, kappa, phi, theta, min, max;
    double weight_decay;
    uint32_t decay_exempt;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct gains *o = options;
    *ret_key = "min";
    return o->min > o->max ? "'min' is larger than 'max'" : NULL;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct gains *o = options;
    float *restrict w = v->w, *restrict gain = v->slot[0], *restrict trace = v->slot[1];
    const float *restrict g = v->g;
    float lr = (float)now->lr, decay = (float)v->decay, theta = (float)o->theta,
          one_theta = (float)(1 - o->theta);
    float kappa = (float)(isnan(o->kappa) ? o->beta : o->kappa),
          keep = (float)(1 - (isnan(o->phi) ? o->beta : o->phi));
    float min = (float)o->min, max = (float)o->max;
    for (size_t i = 0; i < v->n; i++) {
        float gi = g[i] + decay * w[i];
        /* signs, for the product of two small numbers is 0 */
        float turn = (float)((gi > 0) - (gi < 0)) * (float)((trace[i] > 0) - (trace[i] < 0));
        float next = turn > 0 ? gain[i] + kappa : gain[i];
        next = turn < 0 ? gain[i] * keep : next;
        next = next < min ? min : next;
        next = next > max ? max : next;
        gain[i] = next;
        trace[i] = theta * trace[i] + one_theta * gi;
        w[i] -= lr * next * gi;
    }
}

static const struct param params[] = {
    P_REAL(struct gains, lr, "0.01", AT_LEAST(0),
           "learning rate, which each weight's gain multiplies", .role = PARAM_ROLE_LR),
    P_REAL(struct gains, beta, "0.05", FROM_BELOW(0, 1),
           "step of a gain up (added) and down (share taken off)"),
    P_REAL(struct gains, kappa, "null", AT_LEAST(0), "added where the sign stays; null: beta",
           .nullable = true),
    P_REAL(struct gains, phi, "null", FROM_BELOW(0, 1),
           "share taken off where the sign turns; null: beta", .nullable = true),
    P_REAL(struct gains, theta, "0", FROM_BELOW(0, 1),
           "decay of the trace of gradients; 0: the last gradient alone"),
    P_REAL(struct gains, min, "0.01", ABOVE(0), "smallest gain"),
    P_REAL(struct gains, max, "100", ABOVE(0), "largest gain"),
    OPTIM_DECAY(struct gains, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_gains = {
    .base =
        {
            .name = "gains",
            .title = "local gains: a learning rate for each weight",
            .equation = "gain = gain + kappa        where g has the trace's sign\n"
                        "gain = gain * (1 - phi)    where it has the other\n"
                        "trace = theta * trace + (1 - theta) * g\n"
                        "w = w - lr * clamp(gain, min, max) * g",
            .source =
                "Jacobs 1988, \"Increased rates of convergence through learning rate adaptation\"",
            .note =
                "Made for the full gradient: with small minibatches its sign is noise. Where g or the trace is 0 the gain "
                "stays (Jacobs); in Hinton's form it would shrink.",
            .params = params,
            .options_size = sizeof(struct gains),
            .check = check,
        },
    .family = OPTIM_LECTURE,
    .slots = {{.name = "gain", .initial = 1}, {.name = "trace"}},
    .step = step,
    .elementwise = optim_always,
};
