/* The bar beside a panel that shows the values of its colours (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_COLOUR_BAR_H
#define DESCENT_FIGURE_DRAW_COLOUR_BAR_H

#include "figure/draw/canvas.h"
#include "figure/layout/layout.h"

struct colour_bar {
    struct layout_rect place; /* of the colours alone: ticks and label are on the right of it */
    struct layout_scale scale;
    const struct layout_ticks *ticks;
    const char *label; /* clean, and not too long */
    unsigned (*colour)(const void *context,
                       double share); /* 0: the scale's low end, at the bottom; 1: its high end */
    const void *context;
};
/* Draws the bar with its ticks and its label. */
void colour_bar_draw(struct canvas *c, const struct colour_bar *b);

#endif
