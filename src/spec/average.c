/* Weight averaging: what the evaluated weights are an average of. */
#include "spec/average.h"
#include "spec/spec.h"

/* ---- ema ---- */

struct ema {
    double decay;
};

static double ema_share(const void *options, int64_t n)
{
    const struct ema *o = options;
    (void)n;
    return 1 - o->decay;
}

static const struct param ema_params[] = {P_REAL(struct ema, decay, "0.999", FROM_BELOW(0, 1),
                                                 "share of the old average kept at each update"),
                                          P_END};
static const struct average_kind ema = {
    .base =
        {
            .name = "ema",
            .title = "exponential moving average of the weights",
            .equation =
                "a = w after the first update\na = decay * a + (1 - decay) * w after each later one",
            .source = "Polyak and Juditsky 1992; Tarvainen and Valpola 2017, arXiv:1703.01780",
            .note =
                "Batch-norm statistics stay those of training, which are a moving average already. Not with an optimizer "
                "that brings an average of its own (asgd, schedule_free_*).",
            .params = ema_params,
            .options_size = sizeof(struct ema),
        },
    .share = ema_share,
};

/* ---- swa ---- */

struct swa {
    double start; /* fraction of the run */
};

static double swa_share(const void *options, int64_t n)
{
    (void)options;
    return 1 / (double)(n + 1);
}

static bool swa_takes(const void *options, int64_t step, int64_t total)
{
    const double slack = 1 - 1e-12; /* 0.55 of 100 is 55.00000000000001 */
    const struct swa *o = options;
    return (double)step >= o->start * (double)total * slack;
}

static const struct param swa_params[] = {
    P_REAL(struct swa, start, "0.75", FROM_BELOW(0, 1),
           "fraction of the run; the epoch that ends there is the first to be averaged"),
    P_END};
static const struct average_kind swa = {
    .base =
        {
            .name = "swa",
            .title = "stochastic weight averaging",
            .equation =
                "after each epoch from the start on: a += (w - a) / (n + 1), n epochs averaged so far",
            .source = "Izmailov et al. 2018, algorithm 1, arXiv:1803.05407",
            .note =
                "Batch-norm statistics of the average are recomputed by a pass over the training set, in the first epoch's "
                "order. Not with a plateau on the batch size, nor with an optimizer that brings an average of its own (asgd, "
                "schedule_free_*).",
            .params = swa_params,
            .options_size = sizeof(struct swa),
        },
    .share = swa_share,
    .takes = swa_takes,
    .by_epoch = true,
    .own_statistics = true,
};

/* ---- all of them ---- */

static const struct kind *const kinds[] = {&ema.base, &swa.base, NULL};
const struct registry average_registry = {.noun = "average", .plural = "averages", .kinds = kinds};

const struct registry *const spec_registries[] = {
    &optim_registry,   &sched_registry, &model_registry,   &layer_registry, &init_registry,
    &average_registry, &data_registry,  &augment_registry, &func_registry,  NULL};
