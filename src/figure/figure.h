/* Figures: a description of axes and curves (pure data), laid out, then drawn by cairo into a
 * PNG that carries its own data. */
#ifndef DESCENT_FIGURE_FIGURE_H
#define DESCENT_FIGURE_FIGURE_H

#include "util/error.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

/* One curve. Points with a NaN or infinite coordinate (or <= 0 on a log axis) are gaps. Arrays
 * are borrowed. */
struct curve {
    const char *label; /* NULL: not in the legend */
    const double *x, *y;
    size_t n;
    bool faint;               /* thin and pale: raw data behind its smoothed form */
    bool steps;               /* piecewise constant (schedules) */
    int style;                /* which colour and dash; -1: next free one */
    const double *low, *high; /* a band around the curve, n values each; NULL: none */
    bool points;              /* symbols without a line */
    bool bare;                /* a line without symbols */
    bool solid, dashed;       /* never dashed; even where `steps` */
    bool guide;               /* grey and dashed: a reference, not data */
    const char *name;         /* in the embedded data, where it has no label */
    size_t every; /* a symbol on the first point, every so many on, and on the last; 0: as above */
    int symbol;   /* enum figure_symbol */
    int edge;     /* -1, 1: the points are on the plot's lower, upper edge, whatever their y; -2, 2:
                 one symbol away from it, and so on, so that those of several curves are seen */
    const char *const *note; /* a short text over each point, n of them, or NULL; NULL: none */
    size_t of;               /* how many there were before figure_thin; 0: these are all */
};
enum figure_symbol {
    SYMBOL_OF_STYLE, /* each style its own */
    SYMBOL_OPEN,     /* the same, not filled: part of its runs are missing */
    SYMBOL_CROSS,    /* where something ended badly */
    SYMBOL_RING,     /* where something begins */
    SYMBOL_STAR,     /* a minimum */
};
/* Values on a regular grid of points, as filled contours. Arrays are borrowed. */
struct contours {
    size_t columns, rows;  /* at least 2 each */
    double x0, x1, y0, y1; /* of the first and the last column, the lowest and the highest row */
    const double *
        value; /* value[row * columns + column]; row 0 is the lowest; not finite: nothing is drawn */
    const double *level; /* borders between the bands, ascending */
    size_t levels;
    bool labelled, percent;          /* each level's value is written on its line; fractions as % */
    const double *avoid_x, *avoid_y; /* where no value is to be written */
    size_t avoids;
    bool embedded; /* the values are among the drawn data */
};
/* Values over two things counted or named, as coloured cells. Arrays are borrowed. */
struct heat_map {
    size_t columns, rows;
    const char *const *column, *const *row; /* their names; row 0 is the lowest */
    const double *x;         /* of each column, for the embedded data; NULL: its number from 1 */
    const double *value;     /* value[row * columns + column]; NaN: none */
    const double *shade;     /* what the colours go by; NULL: the values */
    const char *const *note; /* a small line in a cell ("2 diverged"), or NULL; NULL: none at all */
    const bool *cross;       /* which cells without a value have one over their note; NULL: all */
    size_t best;             /* the cell with a frame; >= rows * columns: none */
    bool log;                /* colours on a logarithmic scale */
    const double *range; /* the values at the ends of the colours; NULL: the smallest and largest */
    const char *label;   /* of the colours */
    bool whole;          /* the values are counts */
};
struct mark {
    double x;
    const char *label; /* a vertical line: a drop of the learning rate, the best epoch */
};
struct mosaic;
struct axes {
    const char *title, *x_label, *y_label;
    bool x_log, y_log, y_percent; /* y_percent: fractions shown as % */
    bool x_whole;                 /* x counts whole things: no ticks between */
    bool x_percent;
    const struct curve *curve;
    size_t curves;
    const struct mark *mark;
    size_t marks;
    const double *x_range, *y_range; /* lowest and highest value shown; NULL: as the data are */
    const char *const *row;          /* names instead of numbers along y: row[i] at y = i + 1 */
    size_t rows;
    const struct heat_map *heat; /* instead of curves; percentages where y_percent */
    const struct mosaic
        *mosaic; /* instead of curves (figure/draw/mosaic.h): those given are embedded only */
    const struct contours *contours; /* behind the curves, instead of the grid */
    bool equal;                      /* a unit of x is as long as one of y (linear axes) */
    const double *x_tick;            /* ticks at these values of x, ascending; NULL: chosen */
    const char *const *x_name;       /* their labels; NULL: the values */
    size_t x_ticks;
    const char *nothing; /* what is said without a drawable point; NULL: "no data" */
};
/* A text chunk to embed (iTXt): keyword (1-79 Latin-1 characters) and UTF-8 text. */
struct figure_text {
    const char *keyword, *text;
};
enum figure_theme { FIGURE_LIGHT, FIGURE_DARK };
extern const char *const figure_theme_names[]; /* ended by NULL, as the next */
/* The colour (0xRRGGBB) of a style's curves; FIGURE_COLOURS of them are used in turn. */
enum { FIGURE_COLOURS = 7 };
/* style: 0 and up. */
unsigned figure_colour(enum figure_theme theme, int style);
enum figure_format { FIGURE_BY_NAME, FIGURE_PNG, FIGURE_SVG, FIGURE_PDF };
extern const char *const figure_format_names[]; /* "png" at FIGURE_PNG - 1, ... */
/* What a figure looks like, whatever it shows; all zero is the default: a light PNG of 200 dots per
 * inch, as large as its panels want. Sizes are physical: more dots per inch make a finer picture of
 * the same thing. */
struct figure_appearance {
    enum figure_theme theme;
    enum figure_format format;
    double width, height; /* inches; 0: chosen */
    double font;          /* of the axes' labels, in points; 0: by the size */
    unsigned dpi;         /* dots per inch of a PNG; 0: 200 */
    bool narrow;          /* panels one above another, not side by side */
};
/* Widens a range of y that panels share (every so many of these) so that their points on an edge
 * have a place beyond all others. */
void figure_clear_edges(const struct axes *panel, size_t panels, size_t stride, double range[2]);
/* Panels side by side (columns) or one above another, sharing nothing. */
struct figure {
    const char *title;
    const struct axes *panel;
    size_t panels, columns;
    unsigned width, height; /* pixels of the whole figure; 0: chosen */
    bool
        shared_legend; /* one below all panels, of the first one's curves, instead of one in each */
    const struct figure_text *text;
    size_t texts;
    struct figure_appearance appearance;
};
/* Leaves out of a curve of more than 5000 points what no eye can see: of each of 1250 parts, more
 * than a panel has pixels across, the first, the lowest, the highest and the last point are kept,
 * in new arrays in the arena; of a `smooth` one the first alone. The embedded data then are those
 * points, and their name says of how many. */
struct arena;
/* Thins one curve in place; short ones stay as they are. */
void figure_thin(struct arena *a, struct curve *c, bool smooth);
/* Levels for contours of these n values: at most `want` ascending ones between the lowest and the
 * highest, near the quantiles, closer together for low values, each of two significant
 * digits, or as many as tell them apart. Returns how many. */
size_t figure_levels(const double *value, size_t n, size_t want, double *ret_level);
/* A figure with its data as CSV under the keyword "descent.data" (panel,curve,x,y: the panel's
 * number from 1, the curve's label, name or else its number from 1; the ends of a band as curves
 * "LABEL, low" and "LABEL, high"; a row of a heat map, or of embedded contours, named by its y, as
 * a curve over its columns; "NAME (4996 of 84300 points)" where a curve was thinned). Texts that
 * are not UTF-8 get U+FFFD where they are not; newlines in drawn ones become spaces. A panel
 * without a drawable point says "no data". The same input gives the same bytes, in whatever format:
 * no dates. ERR_SYSTEM.
 *
 * figure_write: the format of the appearance, else that of the path's ending, else a PNG; atomic.
 * The others append to `out`. figure_svg: to be embedded in a page: without an XML declaration, and
 * with every id begun by `prefix`, which has to be another one for each figure of a page (letters,
 * digits, '-'; ids are the page's). Text is drawn as paths, so that it looks alike everywhere, and
 * lies unseen on top as text, to be selected and searched; the title is a <title>, the texts are in
 * <metadata>, which `keep_texts` = false leaves out. PDF carries no texts. */
MUST_CHECK bool figure_write(const struct figure *f, const char *path, struct error *err);
/* Writes a PNG, whatever the path's ending. Atomic. ERR_SYSTEM. */
MUST_CHECK bool figure_write_png(const struct figure *f, const char *path, struct error *err);
/* Appends a PNG. ERR_SYSTEM. */
MUST_CHECK bool figure_png(const struct figure *f, struct strbuf *out, struct error *err);
/* Appends a PDF, without texts. ERR_SYSTEM. */
MUST_CHECK bool figure_pdf(const struct figure *f, struct strbuf *out, struct error *err);
/* Appends an SVG element for a page. ERR_SYSTEM. */
MUST_CHECK bool figure_svg(const struct figure *f, const char *prefix, bool keep_texts,
                           struct strbuf *out, struct error *err);
/* Figures of one size, one after another, as an animated PNG that plays again and again. */
struct figure_animation {
    size_t frames;                                   /* at least 1 */
    struct figure (*frame)(void *context, size_t i); /* called in order */
    void *context;
    unsigned milliseconds,
        last_milliseconds; /* that a frame, and the last one, are shown; to 65535 */
};
/* What does not animate it shows the last frame, and that one's texts and data are carried. A frame
 * holds but the rectangle that changed. Same input, same bytes; atomic. ERR_SYSTEM. */
MUST_CHECK bool figure_write_animation(const struct figure_animation *a, const char *path,
                                       struct error *err);
/* The same in characters, for a terminal: lines of braille dots, or of letters in ASCII; curves are
 * told apart by letters on them (and colours, where wanted); raw data behind smoothed and bands are
 * left out, a heat map is a table. No line is longer than columns - 1. */
struct figure_terminal {
    unsigned columns, rows; /* of the page, of a panel's plot; 0: 80, 16 */
    bool ascii, colour;
};
/* Appends the figure in characters. */
void figure_terminal(const struct figure *f, const struct figure_terminal *t, struct strbuf *out);
/* One image, planes of bytes (1 or 3 of height x width), as characters: two pixels in a character
 * where there is colour, else shades of two pixels' mean; smaller where it is wider than the
 * page. */
void figure_terminal_image(const unsigned char *planes, unsigned channels, unsigned height,
                           unsigned width, const struct figure_terminal *t, struct strbuf *out);
/* The format by a path's ending (.png, .svg, .pdf in any case); FIGURE_BY_NAME where it is none of
 * these. */
enum figure_format figure_format_from_name(const char *path);
/* ".png", ".svg" or ".pdf": what a file of this look is called where nobody chose its name. */
const char *figure_ending(const struct figure_appearance *appearance);
/* Takes a size: WIDTHxHEIGHT with a unit (in, cm, mm, pt, px), "column" (a column of a two-column
 * paper), "page" (the width of its text), "slide" (16:9). ERR_USAGE. */
MUST_CHECK bool figure_parse_size(const char *text, struct figure_appearance *appearance,
                                  struct error *err);
/* A column of panels that carries a spec, which `text` is set to. Borrowed: all that it is made
 * of. */
struct figure figure_column(const char *title, const struct axes *panel, size_t panels,
                            const char *spec, struct figure_text *text);

/* What is called for each text, in UTF-8. */
struct figure_visitor {
    void (*call)(void *context, const char *keyword, const char *text);
    void *context;
};
/* Reads the texts of a PNG, or of an SVG written here, back, after the whole file was found in
 * order. ERR_DATA where it is neither, ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool figure_read_texts(const char *path, struct figure_visitor each, struct error *err);

#endif
