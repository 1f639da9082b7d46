/* Heat maps (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_HEAT_H
#define DESCENT_FIGURE_DRAW_HEAT_H

#include "figure/draw/canvas.h"
#include "figure/layout/layout.h"

/* Draws a panel whose axes have a heat map into its cell of the figure. */
void heat_draw(struct canvas *c, const struct axes *a, struct layout_rect cell);

#endif
