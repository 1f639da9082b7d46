/* Exponential decay: b e^(-k t), or b gamma^t; with every: N only at each N-th interval. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

struct exponential {
    struct sched_common common;
    double k, gamma;
    int64_t every;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct exponential *o = options;
    *ret_key = "gamma";
    if (isnan(o->k) == isnan(o->gamma))
        return isnan(o->k) ? "give 'k' or 'gamma'" : "give 'k' or 'gamma', not both";
    return NULL;
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct exponential *o = options;
    double t = (double)o->every * floor(now->t / (double)o->every);
    return isnan(o->k) ? b * math_pow(o->gamma, t) : b * math_exp(-o->k * t);
}

static const struct param params[] = {
    P_REAL(struct exponential, k, "null", AT_LEAST(0), "decay rate per interval", .nullable = true),
    P_REAL(struct exponential, gamma, "null", ABOVE(0), "factor per interval", .nullable = true),
    P_INT(struct exponential, every, "1", AT_LEAST(1), "intervals between changes",
          .unit = "intervals"),
    P_END};

const struct sched_kind sched_exponential = {
    .base =
        {
            .name = "exponential",
            .title = "exponential decay",
            .equation =
                "b * exp(-k * every * floor(t / every)), or b * gamma^(every * floor(t / every))",
            .source =
                "STAT 453 lecture 12 (adjust_learning_rate); PyTorch's ExponentialLR is every: 1 with gamma",
            .params = params,
            .options_size = sizeof(struct exponential),
            .check = check,
        },
    .value = value,
};
