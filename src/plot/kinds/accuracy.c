/* The accuracies of one run. */
#include "plot/plot.h"

const struct plot_kind plot_accuracy = {
    .name = "accuracy",
    .wants_rows = true,
};
