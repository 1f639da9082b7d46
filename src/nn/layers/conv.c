/* Convolution: each output is a sum over a kernel's taps and the input's channels. */
#include "num/conv.h"
#include "nn/internal.h"
#include <stdio.h>
#include <string.h>

static struct conv conv_of(const struct conv_options *o, const struct layer_shape *s, size_t out_ld)
{
    struct conv c = {.in = s->in, .out = s->out, .in_ld = s->in_ld, .out_ld = out_ld};
    for (int axis = 0; axis < 2; axis++) {
        c.kernel[axis] = of_axis(&o->kernel, axis);
        c.stride[axis] = of_axis(&o->stride, axis);
        c.padding[axis] =
            o->padding[axis] == PADDING_SAME ? (c.kernel[axis] - 1) / 2 : (size_t)o->padding[axis];
    }
    return c;
}

static void describe(const struct conv_options *o, const struct conv *c, struct layer_shape *s)
{
    char stride[48], padding[48];
    bool strides = c->stride[0] > 1 || c->stride[1] > 1,
         pads = c->padding[0] > 0 || c->padding[1] > 0;
    snprintf(s->detail, sizeof s->detail, "%zu -> %zu, %zu x %zu%s%s%s%s%s", c->in.channels,
             c->out.channels, c->kernel[0], c->kernel[1], strides ? " / " : "",
             strides ? shape_axes(c->stride, stride) : "", pads ? ", padding " : "",
             pads ? shape_axes(c->padding, padding) : "", o->bias ? "" : ", no bias");
}

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    const struct conv_options *o = options;
    struct conv c = conv_of(o, s, 0);
    char text[64];
    if (!s->image)
        return error_set(err, ERR_USAGE,
                         "a convolution takes an image of channels x height x width, not %s",
                         shape_text(s->in, false, text));
    if (s->in.height + 2 * c.padding[0] < c.kernel[0] ||
        s->in.width + 2 * c.padding[1] < c.kernel[1])
        return error_set(
            err, ERR_USAGE, "a kernel of %zu x %zu is larger than %s with a padding of %zu x %zu",
            c.kernel[0], c.kernel[1], shape_text(s->in, true, text), c.padding[0], c.padding[1]);
    s->out = c.out = (struct image_shape){
        (size_t)o->out, (s->in.height + 2 * c.padding[0] - c.kernel[0]) / c.stride[0] + 1,
        (s->in.width + 2 * c.padding[1] - c.kernel[1]) / c.stride[1] + 1};
    s->weight = true;
    s->bias = o->bias;
    s->weights = (struct tensor_shape){.rows = c.out.channels,
                                       .cols = c.in.channels * c.kernel[0] * c.kernel[1],
                                       .high = c.kernel[0],
                                       .wide = c.kernel[1]};
    for (int axis = 0; axis < 2; axis++)
        s->stride[axis] = c.stride[axis];
    s->products = (double)image_pixels(c.out) * (double)s->weights.cols * (double)o->out;
    c.out_ld = (c.out.channels + 31) / 16 * 16; /* at least what the plan makes of it */
    s->work = conv_work(&c);
    s->work_thread = conv_work_thread(&c);
    describe(o, &c, s);
    return true;
}

static struct conv_batch batch_of(const struct layer_call *c, const struct conv *k)
{
    return (struct conv_batch){.team = c->backend->team,
                               .shape = k,
                               .behind = *c->behind,
                               .images = c->images,
                               .x = c->x,
                               .w = c->weight,
                               .bias = c->bias,
                               .y = c->y,
                               .from = (uint16_t *)(void *)c->saved,
                               .work = c->work};
}

static void forward(const struct layer_call *c)
{
    const struct conv k = conv_of(c->options, c->shape, c->out_ld);
    const struct conv_batch b = batch_of(c, &k);
    conv_forward(&b);
}

static void backward(const struct layer_call *c)
{
    const struct conv k = conv_of(c->options, c->shape, c->out_ld);
    struct conv_batch b = batch_of(c, &k);
    b.dy = c->dy;
    b.start = c->start;
    b.dx = c->dx;
    b.accumulate = c->accumulate;
    b.dw = c->dweight;
    b.db = c->dbias;
    b.sums = c->scratch;
    conv_weight_gradient(&b);
    if (b.dx)
        conv_input_gradient(&b);
}

/* ---- its keys ---- */

enum { MOST_PADDING = 1000 };

static bool read_padding(struct binder *b, const struct param *p, const struct node *value,
                         void *field)
{
    int64_t *ret = field, v[2];
    bool pair = value->kind == NODE_LIST && value->n == 2;
    if (value->kind == NODE_SCALAR && strcmp(value->text, "same") == 0) {
        ret[0] = ret[1] = PADDING_SAME;
        return true;
    }
    if (value->kind == NODE_SCALAR && strcmp(value->text, "valid") == 0) {
        ret[0] = ret[1] = 0;
        return true;
    }
    for (int axis = 0; axis < 2; axis++)
        if (value->kind == NODE_MAP || (value->kind == NODE_LIST && !pair) ||
            !node_as_int(pair ? value->item[axis] : value, &v[axis]) || v[axis] < 0 ||
            v[axis] > MOST_PADDING)
            return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    memcpy(ret, v, sizeof v);
    return true;
}

static void write_padding(const void *field, struct strbuf *out)
{
    const int64_t *v = field;
    if (v[0] == PADDING_SAME)
        strbuf_add(out, "same");
    else if (v[0] == v[1])
        strbuf_addf(out, "%lld", (long long)v[0]);
    else
        strbuf_addf(out, "[%lld, %lld]", (long long)v[0], (long long)v[1]);
}

static const char *check(const void *options, const char **ret_key)
{
    const struct conv_options *o = options;
    *ret_key = "kernel";
    if (o->kernel.n != 1 && o->kernel.n != 2)
        return "'kernel' is a number, or [height, width]";
    *ret_key = "stride";
    if (o->stride.n != 1 && o->stride.n != 2)
        return "'stride' is a number, or [height, width]";
    *ret_key = "padding";
    for (int axis = 0; o->padding[0] == PADDING_SAME && axis < 2; axis++)
        if (of_axis(&o->stride, axis) != 1 || of_axis(&o->kernel, axis) % 2 == 0)
            return "'padding: same' is for a stride of 1 and odd kernels: give a number";
    return NULL;
}

static const struct param params[] = {
    P_INT(struct conv_options, out, NULL, FROM_TO(1, 1000000), "channels of the output"),
    P_INTS(struct conv_options, kernel, NULL, FROM_TO(1, 1000),
           "size of the kernel: a number, or [height, width]"),
    P_INTS(struct conv_options, stride, "1", FROM_TO(1, 1000),
           "pixels from one output to the next: a number, or [height, width]"),
    {.name = "padding",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct conv_options, padding),
     .fallback = "0",
     .shape = "same, valid, a whole number in [0, 1000], or two of them",
     .read = read_padding,
     .write = write_padding,
     .help = "pixels of 0 around the image: a number, [height, width], same or valid (none)",
     .json = "\"anyOf\": [{\"enum\": [\"same\", \"valid\"]}, {\"type\": \"integer\", "
             "\"minimum\": 0, \"maximum\": 1000}, {\"type\": \"array\", \"minItems\": 2, "
             "\"maxItems\": 2, \"items\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": "
             "1000}}]"},
    P_BOOL(struct conv_options, bias, "true", "whether it adds a bias"),
    P_KIND(struct conv_options, init, "null", &init_registry,
           "initial weights of this layer, in place of the model's", .nullable = true),
    P_END};

const struct layer_kind layer_conv = {
    .base = {.name = "conv",
             .title = "convolution of an image",
             .equation =
                 "y[o, i, j] = b[o] + sum over c, k, l of\n"
                 "    W[o, c, k, l] * x[c, stride * i + k - padding, stride * j + l - padding]",
             .source = "LeCun et al. 1989, \"Backpropagation applied to handwritten zip code "
                       "recognition\"",
             .params = params,
             .options_size = sizeof(struct conv_options),
             .check = check},
    .shape = shape,
    .wants_x = true,
    .adds = true,
    .is_product = true,
    .forward = forward,
    .backward = backward,
};
