/* What the two schedule-free optimizers share: three sequences in place of a schedule. Defazio et
 * al. 2024 (arXiv:2405.15682), algorithm 1 and the authors' code. With u the direction at y = (1 -
 * beta) z + beta x:
 *     a = lr min(1, t / warmup_steps);  L = max(L, a)
 *     weight = t^r L^weight_power;  W = W + weight;  c = weight / W
 *     z = z - a u;  x = (1 - c) x + c z
 * The model trains at y (its weights w) and is evaluated at x. */
#ifndef DESCENT_OPTIM_KINDS_SCHEDULE_FREE_H
#define DESCENT_OPTIM_KINDS_SCHEDULE_FREE_H

#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

#define SCHEDULE_FREE_OPTIONS                                                                      \
    int64_t warmup_steps;                                                                          \
    double r, weight_power

enum { SF_Z, SF_X }; /* the first two slots */
enum {
    SF_WEIGHT_SUM,
    SF_LR_MAX,
    SF_STEP,
    SF_SHARE
}; /* scalars; the last two hold during one update */

#define SCHEDULE_FREE_PARAMS(T)                                                                    \
    P_INT(T, warmup_steps, "0", AT_LEAST(0), "linear warm-up of lr", .unit = "updates"),           \
        P_REAL(T, r, "0", AT_LEAST(0), "power of t in an update's share of the average"),          \
        P_REAL(T, weight_power, "2", AT_LEAST(0),                                                  \
               "power of the largest step size so far in that share")
#define SCHEDULE_FREE_NOTE                                                                                                                  \
    "Needs no schedule; warmup_steps is its own warm-up. Evaluation, checkpoints for export and figures use x, with batch-norm statistics " \
    "taken again at x."

static inline void schedule_free_before(const struct optim_now *now, int64_t warmup_steps, double r,
                                        double weight_power)
{
    double *s = now->scalar, t = (double)now->t;
    double a = warmup_steps > 0 ? now->lr * fmin(1, t / (double)warmup_steps) : now->lr;
    s[SF_LR_MAX] = fmax(s[SF_LR_MAX], a);
    double weight = math_pow(t, r) * math_pow(s[SF_LR_MAX], weight_power);
    s[SF_WEIGHT_SUM] += weight;
    s[SF_STEP] = a;
    s[SF_SHARE] = s[SF_WEIGHT_SUM] > 0 ? weight / s[SF_WEIGHT_SUM] : 0;
}

static inline void schedule_free_start(const void *options, double *scalar,
                                       struct optim_view *views, size_t count)
{
    (void)options, (void)scalar;
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < views[t].n; i++)
            views[t].slot[SF_Z][i] = views[t].slot[SF_X][i] = views[t].w[i];
}

#define SCHEDULE_FREE_SCALARS                                                                      \
    {                                                                                              \
        {.name = "weight_sum"}, {.name = "lr_max"}, {.name = "step_size"},                         \
        {                                                                                          \
            .name = "share"                                                                        \
        }                                                                                          \
    }

#endif
