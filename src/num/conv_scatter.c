/* Row by row of taps, the last first, and pixel by pixel of dy its numbers that are not 0 go to the
 * pixels under the row: the chain of each element of dx is the dense one, over rows and columns of
 * dy, without its zeros. A row's weights for a block of channels stay in the first cache. */
#include "num/conv_scatter.h"
#include "num/conv_behind.h"
#include "num/conv_kernels.h"
#include "num/conv_nonzero.h"
#include "num/tensor.h"
#include <string.h>

bool conv_scatter_pays(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    return c->in_ld >= TENSOR_UNIT && c->kernel[1] <= CONV_MOST_TAPS && conv_behind_mostly_zero(b);
}

/* Images whose lists are gone through one after the other for each row of taps, so that its weights
 * come from memory once: as many as leave them in the second cache. */
enum { MOST_AT_ONCE = 16, LISTS_FLOATS = 65536 };

static size_t list_floats(const struct conv *c)
{
    size_t pixels = image_pixels(c->out);
    return 2 * (pixels * c->out.channels + 1) + pixels + 1;
}

static size_t at_once(const struct conv *c)
{
    size_t n = LISTS_FLOATS / list_floats(c);
    return n < 1 ? 1 : n > MOST_AT_ONCE ? MOST_AT_ONCE : n;
}

size_t conv_scatter_work_thread(const struct conv *c)
{
    return at_once(c) * (list_floats(c) + 1);
}

struct job {
    const struct conv_batch *b;
    const struct conv *c;
    float *each;
    size_t part_floats;
};

/* (block of input channels, ky, channel of the output, kx) x the block's width */
static void pack_scatter(const struct conv *c, const float *w, float *ret)
{
    size_t width, per_channel = c->kernel[0] * c->out.channels * c->kernel[1];
    for (size_t block = 0; block < c->in.channels; block += width) {
        width = conv_kernels_width(conv_kernels_at(c->in.channels, block));
        for (size_t ky = 0; ky < c->kernel[0]; ky++)
            for (size_t kx = 0; kx < c->kernel[1]; kx++) {
                const float *from = w + (ky * c->kernel[1] + kx) * c->in.channels * c->out_ld;
                float *to =
                    ret + block * per_channel + (ky * c->out.channels * c->kernel[1] + kx) * width;
                for (size_t in = 0; in < width; in++)
                    for (size_t out = 0; out < c->out.channels; out++)
                        to[out * c->kernel[1] * width + in] =
                            block + in < c->in.channels ? from[(block + in) * c->out_ld + out]
                                                        : 0.0f;
            }
    }
}

/* One row of taps of one block of channels, for a whole image. */
struct pass {
    const struct conv *c;
    const struct conv_pixel_lists *lists;
    size_t block, ky;
    const float *w; /* (channel of the output, kx) x the block's width */
    float *dx;
};

static void scatter_row(const struct pass *p, size_t oy, float *dx)
{
    const struct conv *c = p->c;
    const struct conv_kernels *s = conv_kernels_at(c->in.channels, p->block);
    size_t width = conv_kernels_width(s), kernel = c->kernel[1], q = c->padding[1];
    const uint32_t *begin = p->lists->begin + oy * c->out.width;
    struct conv_scatter t = {.b_channel = kernel * width, .ld = c->in_ld};
    for (size_t ox = 0; ox < c->out.width; ox++) {
        size_t left = ox * c->stride[1], x0 = left < q ? q - left : 0,
               x1 = c->in.width + q > left ? c->in.width + q - left : 0;
        x1 = x1 < kernel ? x1 : kernel;
        t.number = p->lists->number + begin[ox];
        t.count = begin[ox + 1] - begin[ox];
        if (x0 >= x1 || t.count == 0)
            continue;
        t.b = p->w + x0 * width;
        t.dx = dx + (left + x0 - q) * c->in_ld;
        s->scatter[x1 - x0](&t);
    }
}

static void scatter_image(const struct pass *p)
{
    const struct conv *c = p->c;
    for (size_t oy = 0; oy < c->out.height; oy++) {
        size_t y = oy * c->stride[0] + p->ky;
        if (y >= c->padding[0] && y - c->padding[0] < c->in.height)
            scatter_row(p, oy, p->dx + (y - c->padding[0]) * c->in.width * c->in_ld);
    }
}

static void begin_image(const struct conv_batch *b, size_t i, float *dx)
{
    size_t size = image_pixels(b->shape->in) * b->shape->in_ld;
    if (!b->start)
        memset(dx, 0, size * sizeof *dx);
    else if (b->start != b->dx)
        memcpy(dx, b->start + i * size, size * sizeof *dx);
}

/* The lists of image i, in the memory at `at`. */
static struct conv_pixel_lists make_lists(const struct job *j, size_t i, float *at, float *room)
{
    const struct conv *c = j->c;
    struct conv_pixel_lists lists = {.number = (struct conv_number *)(void *)at};
    lists.begin = (uint32_t *)(void *)(lists.number + image_pixels(c->out) * c->out.channels + 1);
    conv_nonzero_by_pixel(j->b, i, &lists, room);
    return lists;
}

/* From image `first` on n of them. */
static void scatter_images(const struct job *j, size_t first, size_t n, float *room, float *others)
{
    const struct conv *c = j->c;
    struct conv_pixel_lists lists[MOST_AT_ONCE];
    size_t size = image_pixels(c->in) * c->in_ld,
           per_channel = c->kernel[0] * c->out.channels * c->kernel[1];
    for (size_t i = 0; i < n; i++) {
        begin_image(j->b, first + i, j->b->dx + (first + i) * size);
        lists[i] = make_lists(j, first + i, others + i * (list_floats(c) + 1), room);
    }
    for (size_t block = 0; block < c->in.channels; block += conv_kernels_step())
        for (size_t ky = c->kernel[0]; ky-- > 0;) {
            size_t width = conv_kernels_width(conv_kernels_at(c->in.channels, block));
            const float *w =
                j->b->work + block * per_channel + ky * c->out.channels * c->kernel[1] * width;
            for (size_t i = 0; i < n; i++)
                scatter_image(&(struct pass){.c = c,
                                             .lists = &lists[i],
                                             .block = block,
                                             .ky = ky,
                                             .w = w,
                                             .dx = j->b->dx + (first + i) * size + block});
        }
}

static void scatter_share(void *context, size_t part)
{
    const struct job *j = context;
    float *room = j->each + part * j->part_floats, *others = room + conv_behind_work_thread(j->c);
    size_t first, count, n = at_once(j->c);
    team_share(j->b->team, part, j->b->images, 1, &first, &count);
    for (size_t i = first, end = first + count; i < end; i += n)
        scatter_images(j, i, n < end - i ? n : end - i, room, others);
}

void conv_scatter_input_gradient(const struct conv_batch *b, float *each, size_t part_floats)
{
    struct job j = {.b = b, .c = b->shape, .each = each, .part_floats = part_floats};
    pack_scatter(b->shape, b->w, b->work);
    team_run(b->team, scatter_share, &j);
}
