/* Decay at given times: b gamma^(milestones passed). */
#include "num/math.h"
#include "sched/sched.h"

struct multistep {
    struct sched_common common;
    struct ints milestones;
    double gamma;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct multistep *o = options;
    *ret_key = "milestones";
    if (o->milestones.n == 0)
        return "'milestones' is empty";
    for (size_t i = 1; i < o->milestones.n; i++)
        if (o->milestones.v[i] <= o->milestones.v[i - 1])
            return "'milestones' must increase";
    return NULL;
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct multistep *o = options;
    size_t passed = 0;
    while (passed < o->milestones.n && (double)o->milestones.v[passed] <= now->t)
        passed++;
    return b * math_pow(o->gamma, (double)passed);
}

static const struct param params[] = {
    P_INTS(struct multistep, milestones, NULL, AT_LEAST(1), "times of the changes, increasing",
           .unit = "intervals"),
    P_REAL(struct multistep, gamma, "0.1", ABOVE(0), "factor of each change"), P_END};

const struct sched_kind sched_multistep = {
    .base =
        {
            .name = "multistep",
            .title = "decay at milestones",
            .equation = "b * gamma^(number of milestones <= t)",
            .source = "PyTorch's MultiStepLR",
            .params = params,
            .options_size = sizeof(struct multistep),
            .check = check,
        },
    .value = value,
};
