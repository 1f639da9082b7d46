/* A figure onto a canvas (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_DRAW_H
#define DESCENT_FIGURE_DRAW_DRAW_H

#include "figure/draw/canvas.h"
#include "figure/figure.h"

/* The whole and its division, in pixels. */
struct sizes {
    double width, height;
    size_t panels, columns, rows;
    double unit, least; /* see struct canvas */
};

/* Draws the whole figure: titles, panels, legends. */
void draw_figure(struct canvas *c, const struct figure *f, const struct sizes *s);

/* Draws to nowhere and reports what is where: at most DRAWN_MAX boxes, texts in the arena.
 * Returns how many. */
size_t draw_measure(const struct figure *f, struct arena *a, struct drawn *ret, double *ret_width,
                    double *ret_height);

#endif
