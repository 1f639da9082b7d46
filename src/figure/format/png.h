/* What writing and reading a PNG share (private to figure). */
#ifndef DESCENT_FIGURE_FORMAT_PNG_H
#define DESCENT_FIGURE_FORMAT_PNG_H

#include "util/error.h"
#include <png.h>
#include <stddef.h>

enum {
    IMAGE_FILE_MAX = 1 << 28,  /* bytes of a PNG that is read */
    IMAGE_TEXTS_MAX = 1 << 28, /* bytes of all its texts together, decompressed */
    IMAGE_SIDE_MAX = 1 << 16,  /* pixels of its width or height */
};

struct image_report {
    char message[256];
};
/* libpng reports through a long jump; the message waits in its image_report for the one who called
 * setjmp. */
PNG_NORETURN void image_on_error(png_structp png, png_const_charp message);
/* A text that libpng would leave out is an error: what a figure carries is read whole or not at
 * all. */
void image_on_warning(png_structp png, png_const_charp message);

/* A PNG in memory, being read. */
struct image_reading {
    png_structp png;
    png_infop info;
    const char *bytes; /* borrowed */
    size_t n, at;
    unsigned char *row; /* owned, as the next; the reader's to fill */
    size_t memory;      /* bytes that libpng has */
    struct image_report report;
};
/* Whether they begin as a PNG does. */
bool image_is_png(const char *bytes, size_t n);
/* Prepares libpng for r->bytes. False: out of memory. */
bool image_begin_reading(struct image_reading *r);
/* Then, after setjmp(png_jmpbuf(r->png)): limits, lengths and header. */
void image_read_header(struct image_reading *r);
/* Frees it, after image_begin_reading in any case. */
void image_end_reading(struct image_reading *r);
/* ERR_DATA: "PATH is not a valid PNG: ..." */
bool image_fail_reading(const struct image_reading *r, const char *path, struct error *err);

#endif
