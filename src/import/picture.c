#include "import/picture.h"
#include <math.h>
#include <stdio.h>

/* How old pixels first ... first+n-1 of an axis share the new pixel i of `to`: the ends by what
 * lies within. */
struct span {
    size_t first, n;
    double begin, end; /* in old pixels */
};

static struct span span_of(size_t i, size_t from, size_t to)
{
    struct span s = {.begin = (double)i * (double)from / (double)to,
                     .end = (double)(i + 1) * (double)from / (double)to};
    s.first = (size_t)s.begin;
    s.n = (size_t)ceil(s.end) - s.first;
    if (s.first + s.n > from)
        s.n = from - s.first;
    return s;
}

static double share_of(const struct span *s, size_t k)
{
    double low = (double)(s->first + k), high = low + 1;
    return fmax(0, fmin(high, s->end) - fmax(low, s->begin));
}

static uint8_t mean_of(const uint8_t *plane, size_t width, const struct span *y,
                       const struct span *x)
{
    double sum = 0, area = 0;
    for (size_t j = 0; j < y->n; j++)
        for (size_t i = 0; i < x->n; i++) {
            double share = share_of(y, j) * share_of(x, i);
            sum += share * plane[(y->first + j) * width + x->first + i];
            area += share;
        }
    return (uint8_t)fmin(255, floor(sum / area + 0.5));
}

void picture_resize(const uint8_t *old, struct image_shape from, struct image_shape to,
                    uint8_t *ret)
{
    for (size_t c = 0; c < from.channels; c++, old += image_pixels(from))
        for (size_t y = 0; y < to.height; y++) {
            struct span rows = span_of(y, from.height, to.height);
            for (size_t x = 0; x < to.width; x++) {
                struct span columns = span_of(x, from.width, to.width);
                *ret++ = mean_of(old, from.width, &rows, &columns);
            }
        }
}

void picture_grey(const uint8_t *rgb, size_t n, uint8_t *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] =
            (uint8_t)((299u * rgb[i] + 587u * rgb[n + i] + 114u * rgb[2 * n + i] + 500) / 1000);
}

void picture_invert(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(255 - bytes[i]);
}

void picture_edge(const uint8_t *bytes, struct image_shape s, uint64_t *sum, uint64_t *count)
{
    for (size_t c = 0; c < s.channels; c++)
        for (size_t y = 0; y < s.height; y++)
            for (size_t x = 0; x < s.width; x++) {
                bool edge = y == 0 || x == 0 || y + 1 == s.height || x + 1 == s.width;
                *sum += edge ? bytes[(c * s.height + y) * s.width + x] : 0;
                *count += edge;
            }
}

void picture_describe(struct image_shape s, char ret[64])
{
    snprintf(ret, 64, "%zu x %zu%s", s.width, s.height, s.channels == 1 ? "" : " in colour");
}
