/* Warm-up: a factor that climbs to 1; it multiplies whatever else is there. */
#include "num/math.h"
#include "sched/sched.h"

enum shape { LINEAR, CONSTANT, EXPONENTIAL };
static const char *const shapes[] = {"linear", "constant", "exponential", NULL};

struct warmup {
    struct sched_common common;
    int64_t over;
    double start;
    int shape;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct warmup *o = options;
    *ret_key = "start";
    return o->shape == EXPONENTIAL && !(o->start > 0) ? "an exponential warm-up needs start > 0"
                                                      : NULL;
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    const struct warmup *o = options;
    double p = now->t / (double)o->over;
    (void)state;
    if (p >= 1)
        return b;
    if (o->shape == CONSTANT)
        return b * o->start;
    return b * (o->shape == LINEAR ? o->start + (1 - o->start) * p : math_pow(o->start, 1 - p));
}

static const struct param params[] = {
    P_INT(struct warmup, over, "5", AT_LEAST(1), "length of the warm-up", .unit = "intervals"),
    P_REAL(struct warmup, start, "0.1", FROM_TO(0, 1), "first factor"),
    P_CHOICE(struct warmup, shape, "linear", shapes, "the way from start to 1"), P_END};

const struct sched_kind sched_warmup = {
    .base =
        {
            .name = "warmup",
            .title = "warm-up",
            .equation = "b * (start + (1 - start) * t / over) until t = over, then b",
            .source = "Goyal et al. 2017, arXiv:1706.02677",
            .params = params,
            .options_size = sizeof(struct warmup),
            .check = check,
        },
    .value = value,
};
