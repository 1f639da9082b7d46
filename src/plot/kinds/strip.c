/* A row per group: each run, the mean with its interval. */
#include "plot/rows.h"

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    return plot_rows(p, c, plot_row_of_runs, err);
}

const struct plot_kind plot_strip = {
    .name = "strip",
    .make = make,
    .takes = PLOT_ROWS_TAKE,
    .values = PLOT_VALUES_ALONG_X,
};
