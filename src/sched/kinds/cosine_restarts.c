/* Cosine annealing with warm restarts: each descent from b to min is `multiply` times as long as
 * the one before. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct cosine_restarts {
    struct sched_common common;
    int64_t first, multiply;
    double min;
};

/* Cycle after cycle: a logarithm, rounded and floored, misses restarts (t = 121 with first 1 and
 * multiply 3). */
static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct cosine_restarts *o = options;
    double t = now->t, length = (double)o->first;
    if (o->multiply == 1)
        t = fmod(t, length);
    while (t >= length) {
        t -= length;
        length *= (double)o->multiply;
    }
    return o->min + (b - o->min) * (1 + math_cos(3.14159265358979323846 * t / length)) / 2;
}

static const struct param params[] = {
    P_INT(struct cosine_restarts, first, NULL, AT_LEAST(1), "length of the first descent",
          .unit = "intervals"),
    P_INT(struct cosine_restarts, multiply, "1", AT_LEAST(1),
          "factor from each descent's length to the next"),
    P_REAL(struct cosine_restarts, min, "0", AT_LEAST(0), "lowest value"), P_END};

const struct sched_kind sched_cosine_restarts = {
    .base =
        {
            .name = "cosine_restarts",
            .title = "cosine annealing with warm restarts",
            .equation =
                "L = first, then multiply * L after each restart; p = intervals since the last restart\n"
                "min + (b - min) * (1 + cos(pi * p / L)) / 2",
            .source =
                "Loshchilov and Hutter 2016, arXiv:1608.03983; PyTorch's CosineAnnealingWarmRestarts",
            .note =
                "At a restart the value is b; min itself is not reached. PyTorch's step(epoch) misplaces some "
                "restarts by a rounded logarithm; its step() is right.",
            .params = params,
            .options_size = sizeof(struct cosine_restarts),
        },
    .value = value,
};
