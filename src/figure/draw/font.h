/* Which font draws which character (private to figure): DejaVu Sans, else the nearest installed one
 * that has it. */
#ifndef DESCENT_FIGURE_DRAW_FONT_H
#define DESCENT_FIGURE_DRAW_FONT_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

/* Before anything is drawn: an archive that needs nothing installed brings its own font, in
 * share/descent/fonts beside bin, which is taken unless FONTCONFIG_FILE says otherwise. */
void fonts_prepare(void);

/* What was looked up; all zero in the beginning. Nothing is looked up for ASCII. */
struct fonts;
/* Takes NULL. */
void fonts_free(struct fonts *f);

/* The number of the font that has the character: 0 DejaVu Sans, then others; -1: no installed one
 * does. *f is made where it is NULL. */
int fonts_find(struct fonts **f, unsigned character);
/* Its face, borrowed; NULL for number 0. */
cairo_font_face_t *fonts_face(const struct fonts *f, int number);

#endif
