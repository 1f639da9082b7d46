/* The colours of light and dark figures (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_THEME_H
#define DESCENT_FIGURE_DRAW_THEME_H

#include "figure/draw/canvas.h"
#include "figure/figure.h"
#include "figure/layout/layout.h"

struct theme {
    unsigned role[STYLE - INK]; /* by what is INK, FRAME, ... */
    unsigned style[LAYOUT_COLOURS];
    double low[3], high[3]; /* of filled contours: lowest and highest band */
    unsigned border;        /* between them */
};
/* The colours of a theme; constant. */
const struct theme *theme_get(enum figure_theme theme);
/* Band i of n of filled contours: between the two ends, on all of which the curves' colours still
 * stand out. */
unsigned theme_band(const struct theme *t, size_t i, size_t n);
/* How far apart two colours are in lightness: the contrast ratio of WCAG 2.1, 1 to 21. */
double theme_contrast(unsigned a, unsigned b);

#endif
