/* Lines on a grid of characters (private to figure). */
#ifndef DESCENT_FIGURE_LAYOUT_RASTER_H
#define DESCENT_FIGURE_LAYOUT_RASTER_H

#include "figure/layout/layout.h"
#include <stdbool.h>
#include <stddef.h>

enum { RASTER_X = 2, RASTER_Y = 4 }; /* dots of a character */

struct raster_cell {
    unsigned char dots; /* braille's: bit 0 is dot 1 */
    char sign;          /* drawn instead of the dots; 0: none */
    short owner;        /* whose line was drawn here last; -1: nobody's */
};
struct raster {
    size_t columns, rows;
    struct raster_cell *cell; /* owned, from the upper left */
};
/* An empty raster of this many characters. */
void raster_init(struct raster *r, size_t columns, size_t rows);
/* Frees the cells. */
void raster_fini(struct raster *r);
/* The plot in dots. */
struct layout_rect raster_plot(const struct raster *r);
/* The dots of a line in pixels; owner: the curve's number. */
void raster_line(struct raster *r, const struct layout_line *line, int owner);
/* The cell of a dot, or NULL outside. */
struct raster_cell *raster_find(const struct raster *r, double x, double y);
/* Writes `sign` on its owner's line at some three places, spread so that other owners' (of
 * `owners`) do not hide it. */
void raster_sign(struct raster *r, int owner, int owners, char sign);

#endif
