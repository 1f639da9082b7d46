/* Step decay: b gamma^floor(t / every). */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct step {
    struct sched_common common;
    int64_t every;
    double gamma;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct step *o = options;
    return b * math_pow(o->gamma, floor(now->t / (double)o->every));
}

static const struct param params[] = {
    P_INT(struct step, every, NULL, AT_LEAST(1), "intervals between changes", .unit = "intervals"),
    P_REAL(struct step, gamma, "0.1", ABOVE(0), "factor of each change"), P_END};

const struct sched_kind sched_step = {
    .base =
        {
            .name = "step",
            .title = "step decay",
            .equation = "b * gamma^floor(t / every)",
            .source = "PyTorch's StepLR",
            .params = params,
            .options_size = sizeof(struct step),
        },
    .value = value,
};
