/* What the figure and its frames share (private to trace). */
#ifndef DESCENT_TRACE_INTERNAL_H
#define DESCENT_TRACE_INTERNAL_H

#include "figure/figure.h"
#include "trace/trace.h"

enum { DRAWING_LEVELS = 14 };

/* What is the same however far the paths have come. */
struct drawing {
    struct arena arena;
    const struct trace *trace;
    const struct spec *spec;
    const struct figure_look *look;
    struct strbuf spec_text;
    struct contours contours;
    double level[DRAWING_LEVELS];
    double **above;  /* of each path: its values, above the minimum where there is one */
    double *step;    /* 0, 1, 2, ... */
    double range[2]; /* of the panel of values */
    bool log;
    size_t every; /* steps between symbols */
};

/* Plots what all pictures of a trace share. */
void drawing_init(struct drawing *d, const struct trace *t, const struct spec *s,
                  const struct figure_look *look);
/* Frees it. */
void drawing_fini(struct drawing *d);
/* The paths' first `points` points; size: 1 is for paper. */
MUST_CHECK bool drawing_write(struct drawing *d, size_t points, double size, const char *path,
                              struct error *err);

#endif
