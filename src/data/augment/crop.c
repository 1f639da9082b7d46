/* A window of the image's size out of the image with a border of zeros, at a random place. */
#include "data/data.h"
#include <string.h>

struct crop {
    int64_t padding;
};

static const struct param params[] = {P_INT(struct crop, padding, "4", FROM_TO(1, 1000),
                                            "width of the border on every side", .unit = "pixels"),
                                      P_END};

/* Row y of a channel becomes row y + down of the same, `right` pixels on; zeros where it ends. */
static void take_row(uint8_t *channel, struct image_shape s, int64_t y, int64_t down, int64_t right)
{
    int64_t height = (int64_t)s.height, width = (int64_t)s.width, from = y + down;
    uint8_t *to = channel + y * width;
    int64_t low = right < 0 ? -right : 0, high = right > 0 ? width - right : width;
    if (from < 0 || from >= height || low >= high) {
        memset(to, 0, s.width);
        return;
    }
    memmove(to + low, channel + from * width + low + right, (size_t)(high - low));
    memset(to, 0, (size_t)low);
    memset(to + high, 0, (size_t)(width - high));
}

static void apply(const void *options, struct rng *r, struct image_shape s, uint8_t *pixels)
{
    int64_t padding = ((const struct crop *)options)->padding, height = (int64_t)s.height;
    int64_t down = (int64_t)rng_below(r, 2 * (uint64_t)padding + 1) - padding,
            right = (int64_t)rng_below(r, 2 * (uint64_t)padding + 1) - padding;
    for (size_t c = 0; c < s.channels; c++)
        for (int64_t i = 0; i < height; i++) /* a row is read before it is written */
            take_row(pixels + c * image_pixels(s), s, down < 0 ? height - 1 - i : i, down, right);
}

const struct augment_kind augment_crop = {
    .base = {.name = "crop",
             .title = "random crop of the image with a border of zeros",
             .equation = "y[r][c] = x[r + i - padding][c + j - padding], 0 outside\n"
                         "i, j uniform in 0 ... 2 padding",
             .source = "He et al. 2015, section 4.2, arXiv:1512.03385",
             .params = params,
             .options_size = sizeof(struct crop)},
    .stream = 1,
    .apply = apply,
};
