/* Filled contours of values on a grid, as polygons in pixels (private to figure). Marching squares:
 * each cell of four grid points is cut by straight lines between points that are interpolated on
 * its edges. */
#ifndef DESCENT_FIGURE_LAYOUT_CONTOUR_H
#define DESCENT_FIGURE_LAYOUT_CONTOUR_H

#include "figure/layout/layout.h"

/* Where the grid's points are in pixels. */
struct contour_frame {
    const struct layout_scale *x, *y;
    struct layout_rect plot;
};

/* What is at or above the level: closed polygons, each begun by a `move`, that share edges but do
 * not overlap. Cells with a value that is not finite are left out. */
struct layout_line contour_above(const struct contours *c, double level,
                                 const struct contour_frame *frame);
/* Where the level is crossed: lines of two points. */
struct layout_line contour_lines(const struct contours *c, double level,
                                 const struct contour_frame *frame);

/* The largest rectangle in the middle of the plot's lower end in which a unit of x is as long as
 * one of y. */
struct layout_rect contour_equal(struct layout_rect plot, const struct layout_scale *x,
                                 const struct layout_scale *y);

/* Paints the contours over the frame's plot. */
struct canvas;
/* Behind the curves: bands, then border lines, then values. */
void contour_draw(struct canvas *c, const struct contours *contours,
                  const struct contour_frame *frame);
/* Where a level's value is written, and the slope there. */
struct contour_label {
    double x, y, angle;
};
/* The middle of that segment of the level's line which is farthest from the plot's border and from
 * the n `taken` places, at least `room` pixels. False where there is none. */
bool contour_label_place(const struct layout_line *border, struct layout_rect plot,
                         const struct contour_label *taken, size_t n, double room,
                         struct contour_label *ret);
/* Writes the levels' values on their lines. */
void contour_labels(struct canvas *c, const struct contours *contours,
                    const struct contour_frame *frame);

/* The colour (0xRRGGBB) of band i of n in a light figure, pale for low values. */
unsigned contour_colour(size_t i, size_t n);

#endif
