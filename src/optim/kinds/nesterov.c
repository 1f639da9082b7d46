/* Nesterov momentum: sgd with momentum 0.9 and the look-ahead, under its own name. */
#include "optim/kinds/sgd.h"

static const struct param params[] = {SGD_PARAMS("0.9", "true"), P_END};

const struct optim_kind optim_nesterov = {
    .base =
        {
            .name = "nesterov",
            .title = "SGD with Nesterov momentum",
            .equation = "g = g + weight_decay * w\n"
                        "b = momentum * b + g    (b = g at the first update)\n"
                        "w = w - lr * (g + momentum * b)",
            .source = "Nesterov 1983; Sutskever et al. 2013, section 3",
            .note = "sgd with other defaults.",
            .params = params,
            .options_size = sizeof(struct sgd),
            .check = sgd_check,
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .slots = SGD_SLOTS,
    .step = sgd_step,
    .elementwise = optim_always,
};
