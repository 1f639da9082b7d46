/* What the figure and its frames share, and labels with rates (private to trace). */
#ifndef DESCENT_TRACE_INTERNAL_H
#define DESCENT_TRACE_INTERNAL_H

#include "figure/figure.h"
#include "trace/trace.h"

enum { DRAWING_LEVELS = 14 };

/* What is the same however far the paths have come. All of it in the arena. */
struct drawing {
    struct arena *arena;
    const struct trace *trace;
    const struct spec *spec;
    struct figure_appearance appearance;
    const char *spec_text;
    struct contours contours;
    double level[DRAWING_LEVELS];
    double **above;  /* of each path: its values, above the minimum where there is one */
    double *step;    /* 0, 1, 2, ... */
    double range[2]; /* of the panel of values */
    bool log;
    size_t every; /* steps between symbols */
};

/* What all pictures of a trace share, in the arena. */
struct drawing *drawing_new(struct arena *a, const struct trace *t, const struct spec *s,
                            const struct figure_appearance *appearance);
/* Whether the kind has no such key, or its default there. */
bool trace_is_default(const struct registry *r, const struct chosen *c, const char *key);
/* The paths' first `points` points; size: 1 is for paper. In the drawing's arena. */
struct figure drawing_figure(struct drawing *d, size_t points, double size);

#endif
