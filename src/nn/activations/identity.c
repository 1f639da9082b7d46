/* Does nothing, and so is left out of the plan. */
#include "nn/internal.h"

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    (void)options, (void)err;
    s->out = s->in;
    s->nothing = true;
    return true;
}

const struct layer_kind layer_identity = {
    .base = {.name = "identity", .title = "identity", .equation = "y = x"},
    .shape = shape,
};
