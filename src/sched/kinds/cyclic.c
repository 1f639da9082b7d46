/* Cyclical learning rates: up and down between two bounds, momentum the other way.
 *
 * PyTorch's form with L = up + down and x = t / L - floor(t / L) compares x with up / L; the
 * position within the cycle, t mod L, is the same and exact. */
#include "num/math.h"
#include "sched/sched.h"
#include <math.h>

enum mode { TRIANGULAR, TRIANGULAR2, EXP_RANGE };
static const char *const modes[] = {"triangular", "triangular2", "exp_range", NULL};

struct cyclic {
    struct sched_common common;
    double base_lr, max_lr;
    int64_t step_size_up, step_size_down;
    int mode;
    double gamma;
    bool cycle_momentum;
    double base_momentum, max_momentum;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct cyclic *o = options;
    *ret_key = "max_lr";
    if (o->max_lr < o->base_lr)
        return "'max_lr' is less than 'base_lr'";
    *ret_key = "max_momentum";
    if (o->max_momentum < o->base_momentum)
        return "'max_momentum' is less than 'base_momentum'";
    *ret_key = "gamma";
    return o->gamma < 1 && o->mode != EXP_RANGE ? "'gamma' has no effect but with 'mode: exp_range'"
                                                : NULL;
}

/* How far up, 0 to 1: the place within the cycle times the mode's share of the full height. */
static double height(const struct cyclic *o, double t)
{
    double up = (double)o->step_size_up;
    double down = o->step_size_down == PARAM_NULL_INT ? up : (double)o->step_size_down;
    double place = fmod(t, up + down);
    double s = place <= up ? place / up : (up + down - place) / down;
    if (o->mode == TRIANGULAR2)
        return s * math_pow(2, -floor(t / (up + down)));
    return o->mode == EXP_RANGE ? s * math_pow(o->gamma, t) : s;
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)b, (void)state;
    const struct cyclic *o = options;
    return o->base_lr + (o->max_lr - o->base_lr) * height(o, now->t);
}

static bool moves_momentum(const void *options)
{
    return ((const struct cyclic *)options)->cycle_momentum;
}

static double momentum(const void *options, const struct sched_time *now)
{
    const struct cyclic *o = options;
    return o->cycle_momentum
               ? o->max_momentum - (o->max_momentum - o->base_momentum) * height(o, now->t)
               : (double)NAN;
}

static const struct param params[] = {
    P_REAL(struct cyclic, base_lr, NULL, AT_LEAST(0), "lower bound, which replaces the base value"),
    P_REAL(struct cyclic, max_lr, NULL, AT_LEAST(0), "upper bound"),
    P_INT(struct cyclic, step_size_up, "2000", AT_LEAST(1), "length of the way up",
          .unit = "intervals"),
    P_INT(struct cyclic, step_size_down, "null", AT_LEAST(1),
          "length of the way down; null: as the way up", .unit = "intervals", .nullable = true),
    P_CHOICE(struct cyclic, mode, "triangular", modes,
             "height of a cycle: full, half of the last, or by gamma"),
    P_REAL(
        struct cyclic, gamma, "1", ABOVE_TO(0, 1),
        "exp_range: factor of the height per interval; of the other modes only 1, so that a grid over both "
        "has whole schedulers as its entries"),
    P_BOOL(struct cyclic, cycle_momentum, "true", "move momentum (or beta1) the other way"),
    P_REAL(struct cyclic, base_momentum, "0.8", FROM_BELOW(0, 1), "momentum at max_lr"),
    P_REAL(struct cyclic, max_momentum, "0.9", FROM_BELOW(0, 1), "momentum at base_lr"),
    P_CHOICE(struct sched_common, interval, "step", sched_intervals, "unit of the schedule's time"),
    P_END};

const struct sched_kind sched_cyclic = {
    .base =
        {
            .name = "cyclic",
            .title = "cyclical learning rate",
            .equation = "L = up + down, p = t mod L, c = floor(t / L)\n"
                        "s = p / up while p <= up, then (L - p) / down\n"
                        "h = s (triangular), s / 2^c (triangular2), s * gamma^t (exp_range)\n"
                        "lr = base_lr + (max_lr - base_lr) * h\n"
                        "momentum = max_momentum - (max_momentum - base_momentum) * h",
            .source = "Smith 2015, arXiv:1506.01186; PyTorch's CyclicLR",
            .note =
                "Ignores the optimizer's own lr. Counts steps; Smith takes 2 to 10 epochs for one way. Under "
                "exp_range the height shrinks from the run's beginning, not from each cycle's. An optimizer "
                "without momentum needs cycle_momentum: false.",
            .params = params,
            .options_size = sizeof(struct cyclic),
            .check = check,
        },
    .value = value,
    .peak = "max_lr",
    .momentum = momentum,
    .moves_momentum = moves_momentum,
};
