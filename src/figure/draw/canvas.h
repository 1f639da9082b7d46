/* What is drawn on, and text on it (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_CANVAS_H
#define DESCENT_FIGURE_DRAW_CANVAS_H

#include "figure/draw/font.h"
#include "figure/figure.h"
#include "figure/layout/layout.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <cairo.h>
#include <stdbool.h>

/* Colours by what they are for, for canvas_colour and palettes: the theme says which they are.
 * Others are 0xRRGGBB. */
enum {
    INK = 0x1000000,
    FRAME,
    GRID,  /* at labelled ticks */
    MINOR, /* at the others */
    MARK,
    PAPER,
    STYLE, /* STYLE + k is the colour of style k */
};

/* Where something was drawn, for tests: a text, or (NULL) the frame of a legend, with the length of
 * the curves that it hides. */
struct drawn {
    const char *text;
    double x, y, w, h, hidden;
    double size; /* of its letters */
};
enum { DRAWN_MAX = 2000 };

/* From one line of a text in two to the next, in ems. */
#define CANVAS_LINE 1.2

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    struct arena arena;
    double unit, em;           /* pixels of a unit, of the font */
    double least;              /* no letter is smaller: 6 points at a stated size */
    struct strbuf *selectable; /* the texts as SVG, in units of `scale`; NULL: not wanted */
    double scale;
    const struct theme *theme;
    struct fonts *fonts;
    struct drawn *drawn; /* room for DRAWN_MAX; NULL: not wanted */
    size_t drawns;
    struct strbuf missing, leftwards; /* characters that no font has, that run from right to left */
};

/* A role's colour as 0xRRGGBB; a colour is itself. */
unsigned canvas_rgb(const struct canvas *c, unsigned colour);

/* The colour of what is drawn from now on, a role or 0xRRGGBB; alpha 1: opaque. */
void canvas_colour(struct canvas *c, unsigned colour, double alpha);
/* The font of texts from now on: size in pixels. */
void canvas_font(struct canvas *c, double size, bool bold);
/* So many ems, but no less than letters need. */
double canvas_size(const struct canvas *c, double ems);
/* The text's width in the current font. */
double canvas_width(struct canvas *c, const char *text);
/* UTF-8 on one line, in the canvas's arena; what no installed font has, or runs from right to left,
 * becomes U+FFFD and is remembered. */
const char *canvas_clean(struct canvas *c, const char *text);
/* The text, its end cut off with an ellipsis where it is wider than `room` in the current font.
 */
const char *canvas_fit(struct canvas *c, const char *text, double room);
/* Texts as canvas_fit cuts them; but of those that would then look alike the beginning is cut, so
 * that what tells them apart is seen. What is said in brackets at the end stays whole. ret has room
 * for n. */
void canvas_fit_apart(struct canvas *c, const char *const *text, size_t n, double room,
                      const char **ret);
/* Where a text's own middle stands, near `middle`, but all of it between `from` and `to`. */
double canvas_centre(struct canvas *c, const char *text, double middle, double from, double to);
/* The text in two lines where one is wider than `room` and there is a space to break at; ret[1] is
 * "" where one is enough. Lines that are still too wide are cut. */
void canvas_fit_two(struct canvas *c, const char *text, double room, const char *ret[2]);
/* Writes with the middle of the text's line at (x, y); align 0: from x on, 0.5: centred, 1: up
 * to x. */
void canvas_write(struct canvas *c, const char *text, double x, double y, double align,
                  double angle);
/* Notes a box in pixels, where that is wanted. */
void canvas_note(struct canvas *c, const char *text, struct layout_rect box, double hidden);
/* The middle of a pixel, where a hair line is sharp. */
double canvas_crisp(double pixel);
/* A straight line between two points, in pixels. */
void canvas_stroke(struct canvas *c, double x0, double y0, double x1, double y1);
/* Begins a path along the line. */
void canvas_path(struct canvas *c, const struct layout_line *line);

#endif
