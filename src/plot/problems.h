/* What figures over several problems have in common. */
#ifndef DESCENT_PLOT_PROBLEMS_H
#define DESCENT_PLOT_PROBLEMS_H

#include "plot/plot.h"
#include "study/comparison_table.h"

/* What each group pays for each problem. The problems: the keys of --over, else the seeds. ERR_USAGE
 * as plot_make. */
MUST_CHECK bool plot_costs(struct plot *p, const struct collection *c, struct comparison_costs *ret,
                           struct error *err);
/* "width, seed" */
const char *plot_problems_label(const struct plot *p);

#endif
