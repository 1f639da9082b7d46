/* AdamW: Adam with decoupled weight decay, algorithm 2 of Loshchilov and Hutter 2017
 * (arXiv:1711.05101).
 *     w = w (1 - lr weight_decay), then Adam's update with the plain gradient. */
#include "optim/kinds/adam.h"

static void step(const void *options, const struct optim_now *now, const struct optim_view *v)
{
    adam_step(options, now, v, true);
}

static const struct param params[] = {ADAM_PARAMS("0.01", "decoupled: w = w (1 - lr weight_decay)"),
                                      P_END};

const struct optim_kind optim_adamw = {
    .base =
        {
            .name = "adamw",
            .title = "AdamW: Adam with decoupled weight decay",
            .equation = "w = w * (1 - lr * weight_decay)\n"
                        "m = beta1 * m + (1 - beta1) * g\n"
                        "v = beta2 * v + (1 - beta2) * g^2\n"
                        "w = w - lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
            .source = "Loshchilov and Hutter 2017, algorithm 2, arXiv:1711.05101",
            .note = "The decay is multiplied by the scheduled lr, as in PyTorch.",
            .params = params,
            .options_size = sizeof(struct adam),
        },
    .family = OPTIM_LECTURE,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = optim_always,
    .slots = ADAM_SLOTS,
    .step = step,
    .elementwise = optim_always,
};
