/* A figure onto a canvas (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_H
#define DESCENT_FIGURE_DRAW_H

#include "figure/canvas.h"
#include "figure/figure.h"

/* The whole and its division, in pixels. */
struct sizes {
    double width, height;
    size_t panels, columns, rows;
    double unit; /* see struct canvas */
};

void draw_figure(struct canvas *c, const struct figure *f, const struct sizes *s);

#endif
