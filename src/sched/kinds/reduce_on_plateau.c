/* Reduce on plateau, in the order of PyTorch's ReduceLROnPlateau: compare, cool down, cut.
 * The one schedule that observes. */
#include "sched/sched.h"
#include <math.h>

enum mode { MIN, MAX };
enum threshold_mode { REL, ABS };
static const char *const modes[] = {"min", "max", NULL};
static const char *const threshold_modes[] = {"rel", "abs", NULL};

struct reduce_on_plateau {
    struct sched_common common;
    const char *monitor;
    int mode;
    double factor;
    int64_t patience;
    double threshold;
    int threshold_mode;
    int64_t cooldown;
    double min_lr, eps;
};

enum state { BEST, BAD, COOLING, VALUE };

static void start(const void *options, double b, double *state)
{
    const struct reduce_on_plateau *o = options;
    state[BEST] = o->mode == MIN ? (double)INFINITY : (double)-INFINITY;
    state[BAD] = 0;
    state[COOLING] = 0;
    state[VALUE] = b;
}

static bool is_better(const struct reduce_on_plateau *o, double a, double best)
{
    double sign = o->mode == MIN ? -1 : 1;
    if (o->threshold_mode == REL)
        return o->mode == MIN ? a < best * (1 - o->threshold) : a > best * (1 + o->threshold);
    return o->mode == MIN ? a < best + sign * o->threshold : a > best + sign * o->threshold;
}

static void observe(const void *options, double metric, double b, double *state)
{
    const struct reduce_on_plateau *o = options;
    (void)b;
    if (is_better(o, metric, state[BEST])) {
        state[BEST] = metric;
        state[BAD] = 0;
    } else {
        state[BAD] += 1;
    }
    if (state[COOLING] > 0) {
        state[COOLING] -= 1;
        state[BAD] = 0;
    }
    if (state[BAD] <= (double)o->patience)
        return;
    double lower = fmax(state[VALUE] * o->factor, o->min_lr);
    if (state[VALUE] - lower > o->eps)
        state[VALUE] = lower;
    state[COOLING] = (double)o->cooldown;
    state[BAD] = 0;
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)options, (void)now;
    return state ? state[VALUE] : b;
}

static const char *monitor(const void *options)
{
    return ((const struct reduce_on_plateau *)options)->monitor;
}

static const struct param params[] = {
    P_TEXT(struct reduce_on_plateau, monitor, "valid_loss",
           "logged quantity to watch, a column of epochs.csv, not of the test"),
    P_CHOICE(struct reduce_on_plateau, mode, "min", modes, "whether less or more of it is better"),
    P_REAL(struct reduce_on_plateau, factor, "0.1", BETWEEN(0, 1), "factor of each cut"),
    P_INT(struct reduce_on_plateau, patience, "10", AT_LEAST(0),
          "epochs without improvement that are borne", .unit = "epochs"),
    P_REAL(struct reduce_on_plateau, threshold, "1e-4", AT_LEAST(0), "smallest change that counts"),
    P_CHOICE(struct reduce_on_plateau, threshold_mode, "rel", threshold_modes,
             "threshold relative to the best, or absolute"),
    P_INT(struct reduce_on_plateau, cooldown, "0", AT_LEAST(0),
          "epochs after a cut in which none counts as bad", .unit = "epochs"),
    P_REAL(struct reduce_on_plateau, min_lr, "0", AT_LEAST(0), "lowest value"),
    P_REAL(struct reduce_on_plateau, eps, "1e-8", AT_LEAST(0), "smallest cut that is made"),
    P_END};

const struct sched_kind sched_reduce_on_plateau = {
    .base =
        {
            .name = "reduce_on_plateau",
            .title = "reduce on plateau",
            .equation =
                "after each epoch: a is better than best: best = a, bad = 0; else bad = bad + 1\n"
                "cooling down: cooldown left - 1, bad = 0\n"
                "bad > patience: value = max(value * factor, min_lr), cool down, bad = 0",
            .source = "PyTorch's ReduceLROnPlateau",
            .note =
                "A constant quantity is first cut at epoch patience + 2. Keras cuts one epoch earlier. On the batch size value begins at "
                "the optimizer's lr too (at 1 where that is 0), and the batch size is multiplied by lr / value: min_lr and eps count as they "
                "do of lr.",
            .params = params,
            .options_size = sizeof(struct reduce_on_plateau),
        },
    .value = value,
    .state_names = {"best", "bad", "cooling", "value"},
    .start = start,
    .observe = observe,
    .monitor = monitor,
};
