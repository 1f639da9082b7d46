#include "nn/layers/pool.h"
#include <stdio.h>

struct image_windows pool_windows(const struct pool_options *o)
{
    struct image_windows w;
    for (int axis = 0; axis < 2; axis++) {
        w.size[axis] = of_axis(&o->size, axis);
        w.stride[axis] = o->stride.n > 0 ? of_axis(&o->stride, axis) : w.size[axis];
        w.padding[axis] = of_axis(&o->padding, axis);
    }
    return w;
}

/* As PyTorch: rounded up, the last window must begin inside the image or the padding before it. */
static size_t outputs(const struct image_windows *w, int axis, size_t in, bool ceil)
{
    size_t room = in + 2 * w->padding[axis] - w->size[axis], stride = w->stride[axis];
    size_t n = (room + (ceil ? stride - 1 : 0)) / stride + 1;
    return ceil && (n - 1) * stride >= in + w->padding[axis] ? n - 1 : n;
}

/* PyTorch's rule. */
static bool check_padding(const struct image_windows *w, struct error *err)
{
    if (2 * w->padding[0] <= w->size[0] && 2 * w->padding[1] <= w->size[1])
        return true;
    return error_set(err, ERR_USAGE,
                     "a padding of %zu x %zu is more than half of a window of %zu x %zu: at most "
                     "%zu x %zu",
                     w->padding[0], w->padding[1], w->size[0], w->size[1], w->size[0] / 2,
                     w->size[1] / 2);
}

bool pool_shape(const void *options, struct layer_shape *s, struct error *err)
{
    const struct pool_options *o = options;
    struct image_windows w = pool_windows(o);
    char text[64];
    if (!s->image)
        return error_set(err, ERR_USAGE,
                         "a pool takes an image of channels x height x width, not %s",
                         shape_text(s->in, false, text));
    if (!check_padding(&w, err))
        return false;
    if (s->in.height + 2 * w.padding[0] < w.size[0] || s->in.width + 2 * w.padding[1] < w.size[1])
        return error_set(
            err, ERR_USAGE, "a window of %zu x %zu is larger than %s with a padding of %zu x %zu",
            w.size[0], w.size[1], shape_text(s->in, true, text), w.padding[0], w.padding[1]);
    s->out = (struct image_shape){s->in.channels, outputs(&w, 0, s->in.height, o->ceil),
                                  outputs(&w, 1, s->in.width, o->ceil)};
    s->out_ld = s->in_ld;
    for (int axis = 0; axis < 2; axis++)
        s->stride[axis] = w.stride[axis];
    char stride[48], padding[48];
    bool pads = w.padding[0] > 0 || w.padding[1] > 0;
    snprintf(s->detail, sizeof s->detail, "%zu x %zu / %s%s%s", w.size[0], w.size[1],
             shape_axes(w.stride, stride), pads ? ", padding " : "",
             pads ? shape_axes(w.padding, padding) : "");
    return true;
}

const char *pool_check(const void *options, const char **ret_key)
{
    const struct pool_options *o = options;
    *ret_key = "size";
    if (o->size.n != 1 && o->size.n != 2)
        return "'size' is a number, or [height, width]";
    *ret_key = "stride";
    if (o->stride.n > 2)
        return "'stride' is a number, or [height, width]";
    *ret_key = "padding";
    if (o->padding.n != 1 && o->padding.n != 2)
        return "'padding' is a number, or [height, width]";
    return NULL;
}

const struct param pool_params[] = {
    P_INTS(struct pool_options, size, NULL, FROM_TO(1, 255),
           "size of the window: a number, or [height, width]"),
    P_INTS(struct pool_options, stride, "null", FROM_TO(1, 1000),
           "pixels from one window to the next; default: the size", .nullable = true),
    P_INTS(struct pool_options, padding, "0", FROM_TO(0, 127),
           "pixels around the image: a number, or [height, width]"),
    P_BOOL(struct pool_options, ceil, "false",
           "round the number of windows up: the last ones stick out of the image"),
    P_END};
