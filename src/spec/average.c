/* Weight averaging: what the evaluated weights are an average of. */
#include "spec/spec.h"

static const struct param ema_params[] = {
    P_REAL(struct average_ema, decay, "0.999", FROM_BELOW(0, 1),
           "share of the old average kept at each update"),
    P_END};
static const struct kind ema = {
    .name = "ema",
    .title = "exponential moving average of the weights",
    .equation =
        "a = w after the first update\na = decay * a + (1 - decay) * w after each later one",
    .source = "Polyak and Juditsky 1992; Tarvainen and Valpola 2017, arXiv:1703.01780",
    .note =
        "Batch-norm statistics stay those of training, which are a moving average already. Not with an optimizer "
        "that brings an average of its own (asgd, schedule_free_*).",
    .params = ema_params,
    .options_size = sizeof(struct average_ema),
};

static const struct param swa_params[] = {
    P_REAL(struct average_swa, start, "0.75", FROM_BELOW(0, 1),
           "fraction of the run after which epochs are averaged"),
    P_END};
static const struct kind swa = {
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
    .options_size = sizeof(struct average_swa),
};

static const struct kind *const kinds[] = {&ema, &swa, NULL};
const struct registry average_registry = {
    .noun = "average", .plural = "averages", .kinds = kinds};

const struct registry *const spec_registries[] = {
    &optim_registry,   &sched_registry, &model_registry,   &layer_registry, &init_registry,
    &average_registry, &data_registry,  &augment_registry, &func_registry,  NULL};
