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
