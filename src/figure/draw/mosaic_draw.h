/* Mosaics onto a canvas (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_MOSAIC_DRAW_H
#define DESCENT_FIGURE_DRAW_MOSAIC_DRAW_H

#include "figure/draw/canvas.h"
#include "figure/draw/mosaic.h"
#include "figure/layout/layout.h"

/* Draws a panel whose axes have a mosaic into its cell of the figure. */
void mosaic_draw(struct canvas *c, const struct axes *a, struct layout_rect cell);
/* The colour (0xRRGGBB) of a value; low, high: paper and ink, the ends where it does not
 * diverge. */
unsigned mosaic_colour(const struct mosaic *m, double value, unsigned low, unsigned high);
/* The place of picture i, without its caption; pixels of a picture are whole ones of the figure
 * where they are not too small for that. */
struct layout_rect mosaic_place(const struct mosaic *m, struct layout_rect room, double caption,
                                size_t i);

#endif
