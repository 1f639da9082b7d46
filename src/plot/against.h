/* Figures against one number. */
#ifndef DESCENT_PLOT_AGAINST_H
#define DESCENT_PLOT_AGAINST_H

#include "plot/plot.h"

/* The result of the runs of equal x. */
struct plot_point {
    struct stats_sample sample;
    enum { PLOT_COMPLETE, PLOT_PARTIAL, PLOT_LOST } outcome; /* all runs got there, some, none */
    const char *note;                                        /* over the point, or NULL */
    bool whole; /* none of its runs diverged: its deviation is pooled with others' */
};
/* Of a group of equal x. ERR_USAGE as plot_make. */
typedef bool plot_valuer(struct plot *p, const struct collection *c, const struct group *g,
                         struct plot_point *ret, struct error *err);

/* What a kind draws. */
struct plot_against {
    plot_valuer *value;
    bool rises;                 /* a larger value is a better one */
    bool target;                /* the values are updates to a target */
    const char *partial, *lost; /* what the symbols of runs that did not get there mean */
    const double *at;           /* all n values of x; plot_against finds them */
    size_t n;
};
/* A curve for each group, against the key along the axis (p->over), in panels that are as x but for
 * their curves and what is found of that key. ERR_USAGE as plot_make. */
MUST_CHECK bool plot_against(struct plot *p, const struct collection *c, struct plot_against *what,
                             struct axes x, struct error *err);

#endif
