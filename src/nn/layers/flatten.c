/* Images to vectors. They are vectors in memory already. */
#include "nn/internal.h"

static void shape(const void *options, struct layer_shape *s)
{
    (void)options;
    s->out = s->in;
}

const struct layer_kind layer_flatten = {
    .base = {.name = "flatten", .title = "rows of pixels, one after another, as one vector"},
    .shape = shape,
    .passes = true,
};
