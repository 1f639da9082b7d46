/* Warm-up, stable, decay: a trapezoid whose sides are fractions of the run. */
#include "sched/sched.h"
#include <math.h>

enum shape { LINEAR, SQRT };
static const char *const shapes[] = {"linear", "sqrt", NULL};

struct wsd {
    struct sched_common common;
    double warmup, decay, min;
    int shape;
};

static const char *check(const void *options, const char **ret_key)
{
    const struct wsd *o = options;
    *ret_key = "decay";
    return o->warmup + o->decay > 1 ? "'warmup' and 'decay' together are more than the whole run"
                                    : NULL;
}

/* Neither the first interval of the warm-up nor the last of the decay is lost at zero: the ends lie
 * outside the run. */
static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct wsd *o = options;
    double T = fmax(now->T, 1), up = o->warmup * T, down = o->decay * T, t = fmin(now->t, T);
    if (t + 1 < up)
        return b * ((t + 1) / up);
    double p = down > 0 ? fmax(1 - (T - t) / down, 0) : 0;
    return o->min + (b - o->min) * (1 - (o->shape == LINEAR ? p : sqrt(p)));
}

static unsigned needs_length(const void *options)
{
    (void)options;
    return SCHED_NEEDS_T;
}

static const struct param params[] = {
    P_REAL(struct wsd, warmup, "0.1", FROM_TO(0, 1), "share of the run that warms up"),
    P_REAL(struct wsd, decay, "0.2", FROM_TO(0, 1), "share of the run that decays"),
    P_REAL(struct wsd, min, "0", AT_LEAST(0), "value at the run's end"),
    P_CHOICE(struct wsd, shape, "linear", shapes, "way down: 1 - p, or 1 - sqrt(p)"), P_END};

const struct sched_kind sched_wsd = {
    .base =
        {
            .name = "wsd",
            .title = "warm-up, stable, decay",
            .equation =
                "b * (t + 1) / (warmup * T) until that is b, then b until t = T - decay * T\n"
                "then, p the share of the decay gone by: min + (b - min) * (1 - p)\n"
                "                           shape: sqrt: min + (b - min) * (1 - sqrt(p))",
            .source =
                "Hu et al. 2024, arXiv:2404.06395; shape sqrt: Haegele et al. 2024, arXiv:2405.18392",
            .note =
                "Others call it a trapezoid. How long to decay is disputed: 10 to 20 % are usual.",
            .params = params,
            .options_size = sizeof(struct wsd),
            .check = check,
        },
    .value = value,
    .needs_length = needs_length,
};
