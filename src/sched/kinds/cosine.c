/* Cosine annealing: from b to min, held at its end or, periodic, climbing again. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct cosine {
    struct sched_common common;
    int64_t over;
    double min;
    bool periodic;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct cosine *o = options;
    double over = o->over == PARAM_NULL_INT ? fmax(now->T, 1) : (double)o->over;
    double t = o->periodic ? now->t : fmin(now->t, over);
    return o->min + (b - o->min) * (1 + math_cos(3.14159265358979323846 * t / over)) / 2;
}

static unsigned needs_length(const void *options)
{
    return ((const struct cosine *)options)->over == PARAM_NULL_INT ? SCHED_NEEDS_T : 0;
}

static const struct param params[] = {
    P_INT(struct cosine, over, "null", AT_LEAST(1), "length of the descent; null: the whole run",
          .unit = "intervals", .nullable = true),
    P_REAL(struct cosine, min, "0", AT_LEAST(0), "lowest value"),
    P_BOOL(struct cosine, periodic, "false",
           "climb again after the descent, as PyTorch's CosineAnnealingLR"),
    P_END};

const struct sched_kind sched_cosine = {
    .base =
        {
            .name = "cosine",
            .title = "cosine annealing",
            .equation = "min + (b - min) * (1 + cos(pi * t / over)) / 2",
            .source = "Loshchilov and Hutter 2016, arXiv:1608.03983",
            .params = params,
            .options_size = sizeof(struct cosine),
        },
    .value = value,
    .needs_length = needs_length,
};
