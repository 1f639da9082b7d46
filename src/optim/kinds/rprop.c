/* Resilient propagation: the sign of the gradient alone, and a step size for each weight.
 *
 * Riedmiller and Braun 1993, in the form without weight backtracking (iRprop-, Igel and Huesken
 * 2000), as PyTorch's:
 *     g prev > 0   step = min(step eta+, largest)
 *     g prev < 0   step = max(step eta-, smallest), and g = 0 for this once
 *     w = w - sign(g) step;    prev = g */
#include "optim/optim.h"

struct rprop {
    struct optim_common common;
    double lr, etas[2], step_sizes[2];
};

static const char *check(const void *options, const char **ret_key)
{
    const struct rprop *o = options;
    *ret_key = "etas";
    if (!(o->etas[0] < 1 && o->etas[1] > 1))
        return "'etas' are a factor below 1 and one above 1";
    *ret_key = "step_sizes";
    return o->step_sizes[0] > o->step_sizes[1]
               ? "the first of 'step_sizes' is larger than the second"
               : NULL;
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct rprop *o = options;
    float *restrict w = v->w, *restrict prev = v->slot[0], *restrict size = v->slot[1];
    const float *restrict g = v->g;
    float down = (float)o->etas[0], up = (float)o->etas[1];
    float min = (float)o->step_sizes[0], max = (float)o->step_sizes[1], first = (float)now->lr;
    for (size_t i = 0; i < v->n; i++) {
        /* signs, for the product of two small numbers is 0 */
        float gi = g[i], sign = (float)((gi > 0) - (gi < 0)),
              turn = sign * (float)((prev[i] > 0) - (prev[i] < 0));
        float factor = turn > 0 ? up : 1;
        factor = turn < 0 ? down : factor;
        float next = (now->t == 1 ? first : size[i]) * factor;
        next = next < min ? min : next;
        next = next > max ? max : next;
        size[i] = next;
        w[i] -= (turn < 0 ? 0 : sign) * next;
        prev[i] = turn < 0 ? 0 : gi;
    }
}

static const struct param params[] = {
    P_REAL(struct rprop, lr, "0.01", AT_LEAST(0), "step size of the first update",
           .role = PARAM_ROLE_LR),
    P_PAIR(struct rprop, etas, "[0.5, 1.2]", ABOVE(0),
           "factors of a step size where the sign turns, and where it stays"),
    P_PAIR(struct rprop, step_sizes, "[1e-6, 50]", ABOVE(0), "smallest and largest step size"),
    P_END};

const struct optim_kind optim_rprop = {
    .base =
        {
            .name = "rprop",
            .title = "Rprop: resilient propagation",
            .equation = "step = min(step * eta_up, largest)       where g * prev > 0\n"
                        "step = max(step * eta_down, smallest)    where g * prev < 0; there g = 0\n"
                        "w = w - sign(g) * step\n"
                        "prev = g",
            .source = "Riedmiller and Braun 1993; without backtracking: Igel and Huesken 2000",
            .note =
                "For the full training set as one batch: on minibatches it forgets how large gradients are, which is why "
                "RMSProp was made. lr is the first step size; a schedule of lr changes nothing after the first update.",
            .params = params,
            .options_size = sizeof(struct rprop),
            .check = check,
        },
    .family = OPTIM_LECTURE,
    .slots = {{.name = "prev"}, {.name = "step_size"}},
    .step = step,
    .elementwise = optim_always,
};
