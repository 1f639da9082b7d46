/* Pixels and text into a PNG (private to figure). */
#ifndef DESCENT_FIGURE_FORMAT_IMAGE_H
#define DESCENT_FIGURE_FORMAT_IMAGE_H

#include "figure/figure.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <stddef.h>

/* A drawn picture: rows of 32-bit words 0x00RRGGBB in the machine's byte order, `stride` bytes
 * apart. */
struct image {
    const unsigned char *pixels;
    unsigned width, height;
    size_t stride;
    unsigned dpi; /* dots per inch */
    bool
        alpha; /* the PNG has a fourth channel: pixels that equal those of `under` are transparent */
    const unsigned char *under; /* rows as far apart; NULL: none is */
};

/* Appends the picture as a PNG, its text chunks (iTXt, compressed where that is worth it) before
 * the pixels, a long text in several of one keyword. What is not UTF-8 in a text becomes U+FFFD.
 * Same input, same bytes. ERR_SYSTEM. */
MUST_CHECK bool image_encode_png(const struct image *image, const struct figure_text *text,
                                 size_t texts, struct strbuf *out, struct error *err);
/* Draws the figure; the pixels are in the arena. ERR_SYSTEM. */
MUST_CHECK bool image_render(const struct figure *f, struct arena *a, struct image *ret,
                             struct error *err);
/* What a file of the figure carries, f->texts + 1 of them: the caller's texts and the data. */
const struct figure_text *image_texts(struct arena *a, const struct figure *f);

#endif
