/* What the schedules of one run did. */
#include "plot/plot.h"

const struct plot_kind plot_schedule = {
    .name = "schedule",
    .wants_rows = true,
};
