/* Gradient descent with momentum: sgd with momentum 0.9, under the name that lists and figures
 * show. */
#include "optim/kinds/sgd.h"

static const struct param params[] = {SGD_PARAMS("0.9", "false"), P_END};

const struct optim_kind optim_momentum = {
    .base =
        {
            .name = "momentum",
            .title = "SGD with momentum (the heavy ball)",
            .equation = "g = g + weight_decay * w\n"
                        "b = momentum * b + (1 - dampening) * g    (b = g at the first update)\n"
                        "w = w - lr * b",
            .source =
                "Polyak 1964, \"Some methods of speeding up the convergence of iteration methods\"",
            .note = "sgd with another default.",
            .params = params,
            .options_size = sizeof(struct sgd),
            .check = sgd_check,
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .slots = SGD_SLOTS,
    .step = sgd_step,
    .elementwise = optim_always,
    .heavy_ball = sgd_is_heavy_ball,
};
