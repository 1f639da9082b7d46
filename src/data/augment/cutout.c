/* A square of zeros at a random place, of which a part may lie outside. */
#include "data/data.h"
#include <string.h>

struct cutout {
    int64_t size;
};

static const struct param params[] = {
    P_INT(struct cutout, size, "8", FROM_TO(1, 1000), "side of the square", .unit = "pixels"),
    P_END};

struct range {
    size_t low, high; /* [low, high) */
};

static struct range around(size_t centre, int64_t size, size_t n)
{
    int64_t low = (int64_t)centre - size / 2, high = low + size;
    return (struct range){low > 0 ? (size_t)low : 0, high < (int64_t)n ? (size_t)high : n};
}

static void apply(const void *options, struct rng *r, struct image_shape s, uint8_t *pixels)
{
    int64_t size = ((const struct cutout *)options)->size;
    struct range rows = around((size_t)rng_below(r, s.height), size, s.height),
                 columns = around((size_t)rng_below(r, s.width), size, s.width);
    for (size_t c = 0; c < s.channels; c++)
        for (size_t y = rows.low; y < rows.high; y++)
            memset(pixels + (c * s.height + y) * s.width + columns.low, 0,
                   columns.high - columns.low);
}

const struct augment_kind augment_cutout = {
    .base = {.name = "cutout",
             .title = "a square of zeros at a random place",
             .equation = "y[r][c] = 0 for |r - i| and |c - j| within size / 2, else x[r][c]\n"
                         "(i, j) uniform over the pixels",
             .source = "DeVries and Taylor 2017, arXiv:1708.04552",
             .params = params,
             .options_size = sizeof(struct cutout)},
    .stream = 3,
    .apply = apply,
};
