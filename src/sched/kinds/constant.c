/* A constant: b factor. */
#include "sched/sched.h"

struct constant {
    struct sched_common common;
    double factor;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct constant *o = options;
    (void)now;
    return b * o->factor;
}

static const struct param params[] = {
    P_REAL(struct constant, factor, "1", AT_LEAST(0), "multiplies the base value"), P_END};

const struct sched_kind sched_constant = {
    .base =
        {
            .name = "constant",
            .title = "constant value",
            .equation = "b * factor",
            .note = "PyTorch's ConstantLR is another thing: 1/3 for five epochs, then 1.",
            .params = params,
            .options_size = sizeof(struct constant),
        },
    .value = value,
};
