/* Figures of a row per group, their values along x. */
#ifndef DESCENT_PLOT_ROWS_H
#define DESCENT_PLOT_ROWS_H

#include "plot/plot.h"

/* A group. */
struct plot_row {
    const struct group *group;
    struct stats_sample sample;
    size_t index; /* among all */
    bool rises;   /* a larger value is a better one */
};

/* Where a row is drawn, and what of its runs. */
struct plot_row_place {
    const struct measure *measure;
    int style;
    double y;
    struct axes *axes;
    struct curve *curve; /* of the axes */
};
/* Adds a row's curves, at most 4. */
typedef void plot_row_drawer(struct plot *p, const struct plot_row *r,
                             const struct plot_row_place *to);
/* Each run a dot, beside one another; the mean a dot on the line of its 95 % interval: 3 curves. */
plot_row_drawer plot_row_of_runs;
/* Adds one curve, in the row's style. */
void plot_add_to_row(const struct plot_row_place *to, struct curve c);
/* The rows of all groups, the best on top; in a panel for each value of the options' keys. ERR_USAGE
 * as plot_make. */
MUST_CHECK bool plot_rows(struct plot *p, const struct collection *c, plot_row_drawer *draw,
                          struct error *err);
enum {
    PLOT_ROWS_TAKE = PLOT_TAKES_METRIC | PLOT_TAKES_GROUP_BY | PLOT_TAKES_PANELS | PLOT_TAKES_LOG |
                     PLOT_TAKES_RANGE
}; /* options */

#endif
