/* The losses of one run. */
#include "plot/plot.h"

const struct plot_kind plot_loss = {
    .name = "loss",
    .wants_rows = true,
};
