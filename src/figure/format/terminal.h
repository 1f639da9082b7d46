/* What figures of characters are put together from (private to figure). */
#ifndef DESCENT_FIGURE_FORMAT_TERMINAL_H
#define DESCENT_FIGURE_FORMAT_TERMINAL_H

#include "figure/figure.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

struct characters_page {
    const struct figure_terminal *t;
    struct strbuf *out;
};

/* ---- texts; every width in columns of the terminal ---- */

/* The text on one line, cut to `room` columns; returns how many it takes. */
size_t characters_add(struct characters_page *p, const char *text, size_t room);
/* n blanks. */
void characters_blanks(struct characters_page *p, size_t n);
/* The columns of a whole text. */
size_t characters_columns(const struct characters_page *p, const char *text);
/* As characters_add; but what is said in brackets at the end ("(3 diverged)") stays whole. */
size_t characters_label(struct characters_page *p, const char *text, size_t room);
/* Right or left of blanks that fill it up to `width` columns. */
void characters_padded(struct characters_page *p, const char *text, size_t width, bool right);
/* A line with the text in the middle of `width` columns that begin at `from`; none for NULL and
 * "". */
void characters_centred(struct characters_page *p, const char *text, size_t from, size_t width);
/* The whole text, from a column on; what finds no room stands below. */
void characters_folded(struct characters_page *p, const char *text, size_t column);
/* No line ends in blanks. */
void characters_end_line(struct characters_page *p);

/* ---- names along an axis ---- */

/* Whether some of n names would look alike, cut to `room` columns. */
bool characters_look_alike(const struct characters_page *p, const char *const *name, size_t n,
                           size_t room);
/* A name, or in its place its number where that is not 0; right of blanks. */
void characters_name(struct characters_page *p, const char *name, size_t number, size_t width);
/* What the numbers from 1 on stand for, below a head (or NULL): names[0] and on, or from the last
 * one back. */
void characters_numbered(struct characters_page *p, const char *head, const char *const *name,
                         size_t n, bool back);

/* ---- panels ---- */

/* A heat map as a table; '*' is the cell with the frame. Columns that find no room stand below. */
void characters_heat(struct characters_page *p, const struct axes *a);

#endif
