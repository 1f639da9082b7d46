/* A straight line between two factors. */
#include "sched/sched.h"
#include <math.h>

struct linear {
    struct sched_common common;
    double start, end;
    int64_t over;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct linear *o = options;
    double p = fmin(now->t, (double)o->over) / (double)o->over;
    return b * (o->start + (o->end - o->start) * p);
}

static const struct param params[] = {
    P_REAL(struct linear, start, "0.3333333333333333", AT_LEAST(0), "first factor"),
    P_REAL(struct linear, end, "1", AT_LEAST(0), "last factor"),
    P_INT(struct linear, over, "5", AT_LEAST(1), "length of the ramp", .unit = "intervals"), P_END};

const struct sched_kind sched_linear = {
    .base =
        {
            .name = "linear",
            .title = "linear ramp",
            .equation = "b * (start + (end - start) * min(t, over) / over)",
            .source = "PyTorch's LinearLR",
            .params = params,
            .options_size = sizeof(struct linear),
        },
    .value = value,
};
