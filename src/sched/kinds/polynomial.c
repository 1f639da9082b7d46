/* Polynomial decay to zero. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct polynomial {
    struct sched_common common;
    int64_t over;
    double power;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct polynomial *o = options;
    double p = fmin(now->t, (double)o->over) / (double)o->over;
    return b * math_pow(1 - p, o->power);
}

static const struct param params[] = {
    P_INT(struct polynomial, over, NULL, AT_LEAST(1), "length of the decay", .unit = "intervals"),
    P_REAL(struct polynomial, power, "1", AT_LEAST(0), "exponent"), P_END};

const struct sched_kind sched_polynomial = {
    .base =
        {
            .name = "polynomial",
            .title = "polynomial decay",
            .equation = "b * (1 - min(t, over) / over)^power",
            .source = "PyTorch's PolynomialLR",
            .params = params,
            .options_size = sizeof(struct polynomial),
        },
    .value = value,
};
