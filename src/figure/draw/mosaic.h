/* Small pictures side by side: a panel's `mosaic` in place of curves. */
#ifndef DESCENT_FIGURE_DRAW_MOSAIC_H
#define DESCENT_FIGURE_DRAW_MOSAIC_H

#include <stdbool.h>
#include <stddef.h>

/* Arrays are borrowed. */
struct mosaic {
    size_t n, columns;    /* pictures, and how many are in a row */
    size_t width, height; /* pixels of one */
    /* [picture][channel][row][column]; row 0 is the upper one. With channels 3 red, green and blue,
     * each from low to high; 0 or 1: by `diverging`. */
    const float *value;
    size_t channels;
    double low, high; /* the values at the ends of the colours: low < high */
    bool
        diverging; /* from blue over (nearly) the paper's colour to red; else from the paper's to the ink's */
    const char *const *caption; /* a short line below each picture; NULL: none */
    const char *const *row;     /* a name for each row of pictures, on its left; NULL: none */
    const char *label;          /* of the colours; NULL: their bar is not drawn */
};

/* The size of a figure in which a pixel of a picture is about `pixel` wide. */
void mosaic_size(const struct mosaic *m, double pixel, unsigned *ret_width, unsigned *ret_height);

#endif
