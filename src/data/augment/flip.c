/* Left and right changed round, every other time. */
#include "data/data.h"

static void apply(const void *options, struct rng *r, struct image_shape s, uint8_t *pixels)
{
    (void)options;
    if (rng_below(r, 2) == 0)
        return;
    for (size_t row = 0; row < s.channels * s.height; row++) {
        uint8_t *x = pixels + row * s.width;
        for (size_t i = 0, j = s.width - 1; i < j; i++, j--) {
            uint8_t keep = x[i];
            x[i] = x[j];
            x[j] = keep;
        }
    }
}

const struct augment_kind augment_flip = {
    .base = {.name = "flip",
             .title = "left and right changed round with probability 1/2",
             .equation = "y[r][c] = x[r][width - 1 - c] with probability 1/2, else x[r][c]",
             .source = "Krizhevsky, Sutskever and Hinton 2012, section 4.1",
             .note = "Not for digits: few of them are the same mirrored."},
    .stream = 2,
    .apply = apply,
};
