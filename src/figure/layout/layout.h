/* What a figure looks like before anything is drawn: ranges, ticks, polylines in pixels, places
 * for legend and mark labels. Pure functions: no font, no surface (private to figure). */
#ifndef DESCENT_FIGURE_LAYOUT_LAYOUT_H
#define DESCENT_FIGURE_LAYOUT_LAYOUT_H

#include "figure/figure.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    LAYOUT_TICKS = 128,              /* ticks of an axis at most, unlabelled ones included */
    LAYOUT_LABEL = 128,              /* bytes of a tick's label, NUL included */
    LAYOUT_COLOURS = FIGURE_COLOURS, /* a style is a colour (style % 7) ... */
    LAYOUT_DASHES = 7,               /* ... a dash pattern: layout_dash */
    LAYOUT_SYMBOLS = 7,              /* ... and a symbol: layout_symbol */
};

struct layout_rect {
    double x, y, w, h; /* pixels; y grows downwards */
};
/* One coordinate's scale; lo < hi always, and both > 0 where log. */
struct layout_scale {
    double lo, hi;
    bool log;
};
struct layout_tick {
    double value;
    char label[LAYOUT_LABEL]; /* UTF-8; empty: a minor tick */
};
struct layout_ticks {
    struct layout_tick tick[LAYOUT_TICKS]; /* ascending, all within the scale */
    size_t n;
};
/* Points in pixels, in the order they are drawn; `move` starts a new line. Owned. */
struct layout_point {
    double x, y;
    bool move;
};
struct layout_line {
    struct layout_point *point;
    size_t n;
};

/* Is point i of the curve not to be drawn: not finite, or not positive on a logarithmic axis?
 */
bool layout_is_gap(const struct axes *a, const struct curve *c, size_t i);
/* Does the curve have a finite band at point i? */
bool layout_has_band(const struct curve *c, size_t i);

/* The scales that show every drawable point: x tight, y with a margin of 4 % (but from 0 where the
 * data come near to it, up to 100 % where percentages do), never of zero width, and with a place of
 * their own for rows of points on the edges. Returns false, and scales from 0 to 1 (1 to 10 where
 * logarithmic), without any drawable point; points on edges alone only give a scale of x. */
bool layout_scales(const struct axes *a, struct layout_scale *ret_x, struct layout_scale *ret_y);

/* Ticks, about `target` labelled ones (at least 2): steps of 1, 2 or 5 times a power of ten; on
 * a logarithmic scale powers of ten, with 2 and 5 where there are few of them, and unlabelled
 * ticks between. `percent` labels fractions as percentages. */
void layout_ticks(const struct layout_scale *s, size_t target, bool percent,
                  struct layout_ticks *ret);

/* Where value v is between the pixels `from` (lo) and `to` (hi); beyond them it is clamped to
 * some distance cairo can still represent. */
double layout_map(const struct layout_scale *s, double v, double from, double to);
/* In widths of the scale: how far beyond it something is still drawn, and how far a point still
 * tells the direction of its line. */
enum { LAYOUT_NEAR = 10, LAYOUT_FAR = 1000000 };
/* From one row of points on an edge to the next, in heights of the plot. */
#define LAYOUT_EDGE_ROW 0.035
/* What a note needs between its point and such a row, in heights of the plot. */
#define LAYOUT_NOTE 0.07
/* As layout_map, but clamped to `reach` widths of the scale beyond either end. */
double layout_map_within(const struct layout_scale *s, double v, double from, double to,
                         double reach);

/* The curve in pixels of the rectangle. With more points than pixel columns, those of a column
 * are reduced to its first, lowest, highest and last. A lone point between gaps is a line of
 * one point. */
double layout_edge(int edge, struct layout_rect plot); /* the height of struct curve's `edge` */
struct layout_line layout_polyline(const struct axes *a, const struct curve *c,
                                   const struct layout_scale *x, const struct layout_scale *y,
                                   struct layout_rect plot);
/* Frees the points. */
void layout_line_fini(struct layout_line *line);

/* The curve's band as closed polygons, each begun by a `move`: along its upper end and back along
 * the lower one, which stops at the plot's edge where it is not positive on a logarithmic axis. */
struct layout_line layout_band(const struct axes *a, const struct curve *c,
                               const struct layout_scale *x, const struct layout_scale *y,
                               struct layout_rect plot);

/* A number as ticks are written, of at most so many digits: "1700", "2×10⁻⁷", "−0.5"; UTF-8. */
enum { LAYOUT_DIGITS = 8 }; /* at most, at least 2 */
void layout_number(double v, int digits, char ret[LAYOUT_LABEL]);
/* The number that is written. */
double layout_rounded(double v, int digits);

/* Ticks at these ascending values (with these names, NULL: as numbers), if they are within the
 * scale. */
void layout_own_ticks(const struct layout_scale *s, const double *v, const char *const *name,
                      size_t n, struct layout_ticks *ret);

/* Leaves whole numbers alone, without decimals. */
void layout_whole_ticks(struct layout_ticks *t);

/* Where finer lines of the grid go between the ticks: halves of steps of 1 and 2 times a power of
 * ten, fifths of steps of 5; the unlabelled ticks of a logarithmic scale. `whole`: no fractions. At
 * most LAYOUT_MINOR, ascending; returns how many. */
enum { LAYOUT_MINOR = 5 * LAYOUT_TICKS };
/* The values of those lines. */
size_t layout_minor(const struct layout_scale *s, const struct layout_ticks *t, bool whole,
                    double *ret);

/* The dash pattern of a style, 0 (solid) to LAYOUT_DASHES - 1: each of the first 49 styles has a
 * pair of colour and pattern of its own, the first seven a pattern of their own too, so that they
 * can be told apart in grey print. Curves with symbols have those instead, and a pattern only from
 * the second round of colours on. */
int layout_dash(int style, bool symbols);
/* The symbol of a style, 0 to LAYOUT_SYMBOLS - 1: each of the first 49 styles has a pair of colour
 * and symbol of its own, the first seven a symbol of their own too. */
int layout_symbol(int style);

/* The styles of all curves: those >= 0 unchanged, -1 the lowest not yet taken. */
void layout_styles(const struct axes *a, int *ret_style);

/* The length in pixels of the part of the line within the rectangle; a lone point counts as 1.
 */
double layout_covered(const struct layout_line *line, struct layout_rect r);

/* What a box is placed among. Borrowed. */
struct layout_obstacles {
    struct layout_rect plot;
    double pad; /* pixels between the box and the plot's border */
    const struct layout_line *line;
    size_t lines;
    const struct layout_rect *box; /* already placed */
    size_t boxes;
};
/* The place for a box of w by h pixels inside the plot that covers the least of the lines and of
 * the other boxes. ret_covered (may be NULL): how much that is. */
struct layout_rect layout_place(const struct layout_obstacles *o, double w, double h,
                                double *ret_covered);

/* Vertical marks at pixels x[] (ascending); their labels are `length` pixels long and `height`
 * high. Borrowed. */
struct layout_marks {
    const double *x, *length;
    size_t n;
    double height, pad;
    struct layout_rect plot;
};
/* Places for the labels, written upwards beside their lines (left, where possible), no two
 * overlapping or reading like one, from the upper or the lower end of the plot. One that finds no
 * room has w = 0. */
void layout_mark_labels(const struct layout_marks *m, bool upper, struct layout_rect *ret_box);

/* How n entries of a legend, the widest `width` wide, fill rows of `room` pixels: entries in a row,
 * at least 1. No row but the last is left with fewer, and none is longer than it has to be. */
size_t layout_flow(size_t n, double width, double room);

/* The rectangle of a heat map's cell; rows count from the bottom. */
struct layout_rect layout_cell(const struct heat_map *h, struct layout_rect plot, size_t row,
                               size_t column);
/* The values at the ends of the colours; lo < hi always; `percent`: shares end at 1. False without
 * any value. */
bool layout_heat_scale(const struct heat_map *h, bool percent, struct layout_scale *ret);

/* The data as CSV (RFC 4180 quoting, lines ended by LF): panel (from 1), curve (its label, or
 * its number from 1 where it has none), x, y; numbers in the fewest digits that read back
 * exactly, gaps as nan, inf, -inf. */
void layout_csv(const struct figure *f, struct strbuf *to);

#endif
