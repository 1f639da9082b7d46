#include "num/conv_nonzero.h"
#include "num/conv_behind.h"
#include <string.h>

static bool is_nonzero(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits << 1 != 0; /* without a branch; NaN is */
}

/* ---- the pool's gradient ---- */

enum { MOST_PLACES = 64 }; /* pixels of a window */

static bool windows_apart(const struct conv_batch *b)
{
    const struct max_pool *p = b->behind.pool;
    if (!p || p->windows.size[0] * p->windows.size[1] > MOST_PLACES)
        return false;
    for (int axis = 0; axis < 2; axis++)
        if (p->windows.stride[axis] < p->windows.size[axis] || p->windows.padding[axis] > 0)
            return false;
    return true;
}

/* A row of windows of an image: its gradient, and the rows of pixels it lies on. */
struct window_row {
    const float *dy; /* behind the relu */
    const uint16_t *from;
    size_t ld, y0, y1;
};

/* dy: the image's. */
static struct window_row window_row(const struct conv_batch *b, size_t image, const float *dy,
                                    size_t oy)
{
    const struct max_pool *p = b->behind.pool;
    size_t at = oy * p->out.width * p->ld;
    struct window_row r = {
        .dy = dy + at, .from = b->from + image * image_pixels(p->out) * p->ld + at, .ld = p->ld};
    image_window(&p->windows, 0, oy, p->in.height, &r.y0, &r.y1);
    return r;
}

/* ---- by channels ---- */

/* Row `within` of a row of windows, one channel. */
static void add_pool_row(const struct max_pool *p, const struct window_row *r, size_t within,
                         size_t place, struct conv_channel_lists *s, size_t o)
{
    const float *dy = r->dy + s->first + o;
    const uint16_t *from = r->from + s->first + o;
    const size_t size = p->windows.size[1], step = p->windows.stride[1], pixel = s->pixel,
                 ld = r->ld, end = p->in.width;
    float *value = s->value + o * s->most;
    uint32_t *at = s->place + o * s->most, n = s->length[o];
    for (size_t ox = 0, x = 0; ox < p->out.width; ox++, x += step) {
        size_t columns = end - x < size ? end - x : size, k = ox * ld;
        size_t column = from[k] - within * columns; /* not below columns: in another row */
        float v = dy[k];
        value[n] = v;
        at[n] = (uint32_t)(place + (x + column) * pixel);
        n += (uint32_t)(column < columns) & (uint32_t)is_nonzero(v);
    }
    s->length[o] = n;
}

static void add_from_pool(const struct conv_batch *b, size_t i, size_t place,
                          struct conv_channel_lists *s, float *room)
{
    const struct max_pool *p = b->behind.pool;
    const float *dy = conv_behind_relu_gradient(b, i, room);
    for (size_t oy = 0; oy < p->out.height; oy++) {
        const struct window_row r = window_row(b, i, dy, oy);
        for (size_t o = 0; o < s->count; o++)
            for (size_t y = r.y0; y < r.y1; y++)
                add_pool_row(p, &r, y - r.y0, place + y * s->row, s, o);
    }
}

void conv_nonzero_by_channel(const struct conv_batch *b, size_t i, size_t place,
                             struct conv_channel_lists *s, float *room)
{
    const struct conv *c = b->shape;
    if (windows_apart(b)) {
        add_from_pool(b, i, place, s, room);
        return;
    }
    const float *dy = conv_behind_gradient(b, i, s->first, s->count, room) + s->first;
    for (size_t y = 0; y < c->out.height; y++)
        for (size_t x = 0; x < c->out.width; x++, dy += c->out_ld)
            for (size_t o = 0; o < s->count; o++) {
                size_t to = o * s->most + s->length[o];
                s->value[to] = dy[o];
                s->place[to] = (uint32_t)(place + y * s->row + x * s->pixel);
                s->length[o] += is_nonzero(dy[o]);
            }
}

/* ---- by pixels ---- */

/* Lists of the pixels under a row of windows, as they fill in the order of windows: those of pixel
 * (y - y0, x) begin at ((y - y0) * width + x) * channels. */
struct buckets {
    struct conv_number *number;
    uint32_t *length;
};

/* They share the room that the convolution's gradient would take with the pool's. */
static bool buckets_fit(const struct conv *c, const struct max_pool *p)
{
    size_t buckets = p->windows.size[0] * c->out.width * (2 * c->out.channels + 1);
    return image_pixels(p->out) * p->ld + buckets <= conv_behind_work_thread(c);
}

static struct buckets buckets_in(const struct conv *c, const struct max_pool *p, float *room)
{
    float *at = room + image_pixels(p->out) * p->ld;
    struct buckets k = {.number = (struct conv_number *)(void *)at};
    k.length = (uint32_t *)(void *)(k.number + p->windows.size[0] * c->out.width * c->out.channels);
    return k;
}

/* The pixels of a window in the order of `from`, as they count in the buckets. */
static void find_places(size_t x0, size_t columns, size_t rows, size_t width, uint32_t *ret)
{
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < columns; x++)
            *ret++ = (uint32_t)(y * width + x0 + x);
}

static void fill_buckets(const struct conv *c, const struct max_pool *p, const struct window_row *r,
                         struct buckets *k)
{
    size_t x0, x1, channels = c->out.channels;
    memset(k->length, 0, (r->y1 - r->y0) * c->out.width * sizeof *k->length);
    for (size_t ox = 0; ox < p->out.width; ox++) {
        uint32_t at[MOST_PLACES];
        image_window(&p->windows, 1, ox, p->in.width, &x0, &x1);
        find_places(x0, x1 - x0, r->y1 - r->y0, c->out.width, at);
        for (size_t o = 0; o < channels; o++) {
            size_t n = ox * r->ld + o;
            uint32_t pixel = at[r->from[n]];
            float value = r->dy[n];
            k->number[pixel * channels + k->length[pixel]] =
                (struct conv_number){value, (uint32_t)o};
            k->length[pixel] += is_nonzero(value);
        }
    }
}

/* The next pixels' lists, from the buckets or empty. */
static void add_pixels(const struct conv *c, const struct buckets *k, size_t pixels, size_t pixel,
                       struct conv_pixel_lists *s)
{
    for (size_t i = 0; i < pixels; i++) {
        uint32_t begin = s->begin[pixel + i], n = k ? k->length[i] : 0;
        for (uint32_t e = 0; e < n; e++)
            s->number[begin + e] = k->number[i * c->out.channels + e];
        s->begin[pixel + i + 1] = begin + n;
    }
}

static void list_from_pool(const struct conv_batch *b, size_t i, struct conv_pixel_lists *s,
                           float *room)
{
    const struct conv *c = b->shape;
    const struct max_pool *p = b->behind.pool;
    struct buckets k = buckets_in(c, p, room);
    const float *dy = conv_behind_relu_gradient(b, i, room);
    size_t width = c->out.width, row = 0;
    for (size_t oy = 0; oy < p->out.height; oy++) {
        const struct window_row r = window_row(b, i, dy, oy);
        fill_buckets(c, p, &r, &k);
        add_pixels(c, NULL, (r.y0 - row) * width, row * width, s);
        add_pixels(c, &k, (r.y1 - r.y0) * width, r.y0 * width, s);
        row = r.y1;
    }
    add_pixels(c, NULL, (c->out.height - row) * width, row * width, s);
}

void conv_nonzero_by_pixel(const struct conv_batch *b, size_t i, struct conv_pixel_lists *s,
                           float *room)
{
    const struct conv *c = b->shape;
    s->begin[0] = 0;
    if (windows_apart(b) && buckets_fit(c, b->behind.pool)) {
        list_from_pool(b, i, s, room);
        return;
    }
    const float *dy = conv_behind_gradient(b, i, 0, c->out.channels, room);
    uint32_t n = 0;
    for (size_t p = 0; p < image_pixels(c->out); p++, dy += c->out_ld) {
        for (size_t o = 0; o < c->out.channels; o++) {
            s->number[n] = (struct conv_number){dy[o], (uint32_t)o};
            n += is_nonzero(dy[o]);
        }
        s->begin[p + 1] = n;
    }
}
