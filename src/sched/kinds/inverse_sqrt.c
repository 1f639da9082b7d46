/* Inverse square root: b alpha / sqrt(t + 1). */
#include "sched/sched.h"
#include <math.h>

struct inverse_sqrt {
    struct sched_common common;
    double alpha;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct inverse_sqrt *o = options;
    return b * o->alpha / sqrt(now->t + 1);
}

static const struct param params[] = {
    P_REAL(struct inverse_sqrt, alpha, "1", AT_LEAST(0), "multiplies the base value"), P_END};

const struct sched_kind sched_inverse_sqrt = {
    .base =
        {
            .name = "inverse_sqrt",
            .title = "inverse square root",
            .equation = "b * alpha / sqrt(t + 1)",
            .source = "Zinkevich 2003 (online gradient descent)",
            .note = "No warm-up of its own: put warmup beside it, or take noam.",
            .params = params,
            .options_size = sizeof(struct inverse_sqrt),
        },
    .value = value,
};
