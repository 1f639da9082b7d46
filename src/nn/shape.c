/* Shapes between layers: in words, and those that a layer leaves as they are. */
#include "nn/internal.h"
#include <stdio.h>

const char *shape_text(struct image_shape s, bool image, char text[64])
{
    if (image)
        snprintf(text, 64, "an image of %zu x %zu x %zu", s.channels, s.height, s.width);
    else
        snprintf(text, 64, "a vector of %zu", s.channels);
    return text;
}

const char *shape_axes(const size_t axis[2], char text[48])
{
    int n = snprintf(text, 48, "%zu", axis[0]);
    if (axis[0] != axis[1])
        snprintf(text + n, 48 - (size_t)n, " x %zu", axis[1]);
    return text;
}

bool shape_unchanged(const void *options, struct layer_shape *s, struct error *err)
{
    (void)options, (void)err;
    s->out = s->in;
    s->out_ld = s->in_ld;
    return true;
}
