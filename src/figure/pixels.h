/* Pictures that people have, as plain bytes. */
#ifndef DESCENT_FIGURE_PIXELS_H
#define DESCENT_FIGURE_PIXELS_H

#include "util/error.h"

/* A picture's pixels: three planes (red, green, blue), each height rows of width bytes. */
struct pixels {
    unsigned width, height;
    bool grey;          /* red, green and blue are the same everywhere */
    bool transparent;   /* somewhere; it was laid over white */
    bool deep;          /* it had 16 bits a channel, rounded to 8 */
    unsigned char *rgb; /* owned */
};
/* Reads a PNG of any kind, whole, at most 2^26 pixels. ERR_DATA where it is none or damaged,
 * ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool pixels_read(const char *path, struct pixels *ret, struct error *err);
/* Frees the pixels. */
void pixels_fini(struct pixels *p);

#endif
