/* Figures: a description of axes and curves (pure data), laid out, then drawn by cairo into a
 * PNG that carries its own data. */
#ifndef DESCENT_FIGURE_FIGURE_H
#define DESCENT_FIGURE_FIGURE_H

#include "util/error.h"
#include <stdbool.h>
#include <stddef.h>

/* One curve. Points with a NaN or infinite coordinate (or <= 0 on a log axis) are gaps. Arrays
 * are borrowed. */
struct curve {
    const char *label; /* NULL: not in the legend */
    const double *x, *y;
    size_t n;
    bool faint; /* thin and pale: raw data behind its smoothed form */
    bool steps; /* piecewise constant (schedules) */
    int style;  /* which colour and dash; -1: next free one */
};
struct mark {
    double x;
    const char *label; /* a vertical line: a drop of the learning rate, the best epoch */
};
struct axes {
    const char *title, *x_label, *y_label;
    bool x_log, y_log, y_percent; /* y_percent: fractions shown as % */
    bool x_whole;                 /* x counts whole things: no ticks between */
    const struct curve *curve;
    size_t curves;
    const struct mark *mark;
    size_t marks;
};
/* A text chunk to embed (iTXt): keyword (1-79 Latin-1 characters) and UTF-8 text. */
struct figure_text {
    const char *keyword, *text;
};
/* Panels side by side (columns) or one above another, sharing nothing. */
struct figure {
    const char *title;
    const struct axes *panel;
    size_t panels, columns;
    unsigned width, height; /* pixels of the whole figure; 0: chosen */
    const struct figure_text *text;
    size_t texts;
};
/* Draws and writes the figure; the same input gives the same bytes. Also embeds the drawn data
 * as CSV under the keyword "descent.data" (panel,curve,x,y: the panel's number from 1, the
 * curve's label or else its number from 1). Texts that are not UTF-8 get U+FFFD where they are
 * not; newlines in drawn ones become spaces. A panel without a drawable point says "no data".
 * Atomic. ERR_SYSTEM. */
MUST_CHECK bool figure_write_png(const struct figure *f, const char *path, struct error *err);
/* Reads the text chunks of a PNG back: calls f for each, texts in UTF-8, after the whole file
 * was found in order. ERR_DATA where it is not a valid PNG, ERR_SYSTEM where it cannot be read.
 */
MUST_CHECK bool figure_read_texts(const char *path,
                                  void (*f)(void *context, const char *keyword,
                                            const char *text),
                                  void *context, struct error *err);

#endif
