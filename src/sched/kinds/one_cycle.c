/* One cycle: up to max_lr, down to nearly nothing, momentum the other way. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

enum anneal { COS, LINEAR };
static const char *const anneals[] = {"cos", "linear", NULL};

struct one_cycle {
    struct sched_common common;
    double max_lr, pct_start;
    int anneal;
    double div_factor, final_div_factor;
    bool three_phase, cycle_momentum;
    double base_momentum, max_momentum;
    int64_t over;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct one_cycle *o = options;
    *ret_key = "pct_start";
    if (o->three_phase && o->pct_start > 0.5)
        return "three phases need pct_start <= 0.5: the second is as long as the first";
    *ret_key = "max_momentum";
    if (o->max_momentum < o->base_momentum)
        return "'max_momentum' is less than 'base_momentum'";
    return NULL;
}

static double length(const struct one_cycle *o, double T)
{
    return o->over == PARAM_NULL_INT ? T : (double)o->over;
}

static unsigned needs_length(const void *options)
{
    return ((const struct one_cycle *)options)->over == PARAM_NULL_INT ? SCHED_NEEDS_T : 0;
}

static const char *check_length(const void *options, double T)
{
    const struct one_cycle *o = options;
    bool rises = o->pct_start * length(o, T) - 1 > 0;
    return rises ? NULL
                 : "the first phase has no length: pct_start of the whole must be more than 1";
}

/* From one phase's end to the next: where it began, where it ends, and how far between them t
 * is. */
struct phase {
    int from, to; /* index into the quantity's corner values */
    double p;
};

static struct phase phase_at(const struct one_cycle *o, const struct sched_time *now)
{
    double T = length(o, now->T), last = fmax(T - 1, 0), t = fmin(now->t, last), start = 0;
    double end[3] = {o->pct_start * T - 1, o->three_phase ? 2 * o->pct_start * T - 2 : last, last};
    int phases = o->three_phase ? 3 : 2, i = 0;
    while (i < phases - 1 && t > end[i])
        start = end[i++];
    return (struct phase){
        .from = i, .to = i + 1, .p = end[i] > start ? (t - start) / (end[i] - start) : 1};
}

static double between(const struct one_cycle *o, const double corner[4], struct phase f)
{
    double a = corner[f.from], e = corner[f.to];
    return o->anneal == COS ? e + (a - e) / 2 * (1 + math_cos(3.14159265358979323846 * f.p))
                            : a + (e - a) * f.p;
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)b, (void)state;
    const struct one_cycle *o = options;
    double start = o->max_lr / o->div_factor, last = start / o->final_div_factor;
    double corner[4] = {start, o->max_lr, o->three_phase ? start : last, last};
    return between(o, corner, phase_at(o, now));
}

static bool moves_momentum(const void *options)
{
    return ((const struct one_cycle *)options)->cycle_momentum;
}

static double momentum(const void *options, const struct sched_time *now)
{
    const struct one_cycle *o = options;
    double high = o->max_momentum, corner[4] = {high, o->base_momentum, high, high};
    return o->cycle_momentum ? between(o, corner, phase_at(o, now)) : (double)NAN;
}

static const struct param params[] = {
    P_REAL(struct one_cycle, max_lr, NULL, AT_LEAST(0), "the peak, which replaces the base value"),
    P_REAL(struct one_cycle, pct_start, "0.3", ABOVE_TO(0, 1), "share of the cycle spent rising"),
    P_CHOICE(struct one_cycle, anneal, "cos", anneals, "curve of each phase"),
    P_REAL(struct one_cycle, div_factor, "25", AT_LEAST(1), "peak over first value"),
    P_REAL(struct one_cycle, final_div_factor, "1e4", ABOVE(0), "first value over last value"),
    P_BOOL(struct one_cycle, three_phase, "false",
           "down to the first value as fast as up, then to the last"),
    P_BOOL(struct one_cycle, cycle_momentum, "true", "move momentum (or beta1) the other way"),
    P_REAL(struct one_cycle, base_momentum, "0.85", FROM_BELOW(0, 1), "momentum at the peak"),
    P_REAL(struct one_cycle, max_momentum, "0.95", FROM_BELOW(0, 1), "momentum at both ends"),
    P_INT(struct one_cycle, over, "null", AT_LEAST(1),
          "length of the cycle, then held; null: the whole run", .unit = "intervals",
          .nullable = true),
    P_CHOICE(struct sched_common, interval, "step", sched_intervals, "unit of the schedule's time"),
    P_END};

const struct sched_kind sched_one_cycle = {
    .base =
        {
            .name = "one_cycle",
            .title = "one cycle",
            .equation = "T = over, first = max_lr / div_factor, last = first / final_div_factor\n"
                        "two phases:   to t = pct_start * T - 1          first -> max_lr\n"
                        "              to t = T - 1                      max_lr -> last\n"
                        "three phases: to t = pct_start * T - 1          first -> max_lr\n"
                        "              to t = 2 * pct_start * T - 2      max_lr -> first\n"
                        "              to t = T - 1                      first -> last\n"
                        "a -> e, p the share of the phase gone by:\n"
                        "  cos: e + (a - e) / 2 * (1 + cos(pi * p)), linear: a + (e - a) * p\n"
                        "momentum: max_momentum -> base_momentum -> max_momentum (-> max_momentum)",
            .source = "Smith and Topin 2017, arXiv:1708.07120; PyTorch's OneCycleLR",
            .note =
                "Ignores the optimizer's own lr. The paper has three phases and straight lines; two phases and "
                "cosines are fastai's. The peak lies between two steps where pct_start * T is not whole. An "
                "optimizer without momentum needs cycle_momentum: false.",
            .params = params,
            .options_size = sizeof(struct one_cycle),
            .check = check,
        },
    .value = value,
    .peak = "max_lr",
    .momentum = momentum,
    .moves_momentum = moves_momentum,
    .needs_length = needs_length,
    .check_length = check_length,
};
