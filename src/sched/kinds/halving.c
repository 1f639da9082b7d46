/* Halving: b / 2^floor(t / every). */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct halving {
    struct sched_common common;
    int64_t every;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct halving *o = options;
    return b * math_pow(2, -floor(now->t / (double)o->every));
}

static const struct param params[] = {P_INT(struct halving, every, "1", AT_LEAST(1),
                                            "intervals between halvings", .unit = "intervals"),
                                      P_END};

const struct sched_kind sched_halving = {
    .base =
        {
            .name = "halving",
            .title = "halving",
            .equation = "b / 2^floor(t / every)",
            .source = "STAT 453 lecture 12",
            .params = params,
            .options_size = sizeof(struct halving),
        },
    .value = value,
};
