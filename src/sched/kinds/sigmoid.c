/* Sigmoid: half of b at t = step, falling or rising. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct sigmoid {
    struct sched_common common;
    double gamma;
    int64_t step;
    bool rising;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct sigmoid *o = options;
    double x = o->gamma * (now->t - (double)o->step);
    return b / (1 + math_exp(o->rising ? -x : x));
}

static const struct param params[] = {
    P_REAL(struct sigmoid, gamma, NULL, ABOVE(0), "steepness per interval"),
    P_INT(struct sigmoid, step, NULL, AT_LEAST(0), "where half of the base value is reached",
          .unit = "intervals"),
    P_BOOL(struct sigmoid, rising, "false", "rise instead of fall"), P_END};

const struct sched_kind sched_sigmoid = {
    .base =
        {
            .name = "sigmoid",
            .title = "sigmoid decay",
            .equation =
                "b / (1 + exp(gamma * (t - step)));  rising: b / (1 + exp(-gamma * (t - step)))",
            .source =
                "Darknet's sigmoid policy; Caffe's is rising: true, with its stepsize as step",
            .note = "Caffe calls its form a decay, but with gamma > 0 it rises.",
            .params = params,
            .options_size = sizeof(struct sigmoid),
        },
    .value = value,
};
