/* Noam: linear warm-up, then the inverse square root. */
#include "sched/sched.h"
#include <math.h>

struct noam {
    struct sched_common common;
    int64_t warmup, d_model;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct noam *o = options;
    double t = now->t + 1, w = (double)o->warmup;
    double shape = fmin(t / w, sqrt(w / t)); /* sqrt(w) min(t^-1/2, t w^-3/2), whose peak is 1 */
    return b * (o->d_model == PARAM_NULL_INT ? shape : shape / sqrt(w * (double)o->d_model));
}

static const struct param params[] = {
    P_INT(struct noam, warmup, NULL, AT_LEAST(1), "length of the warm-up", .unit = "intervals"),
    P_INT(struct noam, d_model, "null", AT_LEAST(1),
          "width that scales by d_model^-1/2 as in the paper; null: scaled so that the peak is b",
          .nullable = true),
    P_END};

const struct sched_kind sched_noam = {
    .base =
        {
            .name = "noam",
            .title = "warm-up, then inverse square root",
            .equation =
                "b * min((t + 1) / warmup, sqrt(warmup / (t + 1)))\n"
                "with d_model: b * d_model^(-1/2) * min((t + 1)^(-1/2), (t + 1) * warmup^(-3/2))",
            .source = "Vaswani et al. 2017, arXiv:1706.03762, equation 3",
            .note =
                "The paper's has d_model 512, warmup 4000, interval step and b = 1: with d_model the base value "
                "is a factor, not a learning rate, and the peak is b / sqrt(d_model * warmup).",
            .params = params,
            .options_size = sizeof(struct noam),
        },
    .value = value,
};
