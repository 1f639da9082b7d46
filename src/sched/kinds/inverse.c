/* Inverse-time decay: b / (1 + k t)^power. */
#include "num/math.h"
#include "sched/sched.h"

struct inverse {
    struct sched_common common;
    double k, power;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct inverse *o = options;
    return b / math_pow(1 + o->k * now->t, o->power);
}

static const struct param params[] = {
    P_REAL(struct inverse, k, NULL, AT_LEAST(0), "decay rate per interval"),
    P_REAL(struct inverse, power, "1", AT_LEAST(0), "exponent"), P_END};

const struct sched_kind sched_inverse = {
    .base =
        {
            .name = "inverse",
            .title = "inverse-time decay",
            .equation = "b / (1 + k * t)^power",
            .source = "STAT 453 lecture 12; Caffe's inv",
            .params = params,
            .options_size = sizeof(struct inverse),
        },
    .value = value,
};
