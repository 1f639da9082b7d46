/* Fewer points that look the same. */
#include "figure/figure.h"
#include "util/mem.h"
#include <math.h>

enum { DENSE = 5000, PARTS = 1250, KEPT = 4 };

/* The points of one part, ascending, without repeats; n of them before. A gap in it is kept as
 * one. */
static size_t keep(const struct curve *c, size_t from, size_t to, bool smooth, size_t *kept,
                   size_t n)
{
    size_t low = to, high = to, gap = to, point[KEPT + 1], points = 0;
    for (size_t i = from; i < to; i++) {
        if (!isfinite(c->y[i])) {
            gap = i;
            continue;
        }
        low = low == to || c->y[i] < c->y[low] ? i : low;
        high = high == to || c->y[i] > c->y[high] ? i : high;
    }
    point[points++] = from;
    if (!smooth) {
        point[points++] = low;
        point[points++] = high;
        point[points++] = to - 1;
    }
    point[points++] = gap;
    for (size_t i = 1; i < points; i++) /* by insertion: there are five at most */
        for (size_t k = i; k > 0 && point[k] < point[k - 1]; k--) {
            size_t other = point[k];
            point[k] = point[k - 1];
            point[k - 1] = other;
        }
    for (size_t i = 0; i < points; i++)
        if (point[i] < to && (n == 0 || point[i] > kept[n - 1]))
            kept[n++] = point[i];
    return n;
}

void figure_thin(struct arena *a, struct curve *c, bool smooth)
{
    if (c->n <= DENSE)
        return;
    size_t *kept = mem_array((size_t)(KEPT + 1) * PARTS + 1, sizeof *kept), n = 0;
    for (size_t b = 0; b < PARTS; b++)
        n = keep(c, b * c->n / PARTS, (b + 1) * c->n / PARTS, smooth, kept, n);
    if (kept[n - 1] != c->n - 1)
        kept[n++] = c->n - 1;
    const double **array[] = {&c->x, &c->y, &c->low, &c->high};
    for (int k = 0; k < 4; k++) {
        if (!*array[k])
            continue;
        double *v = arena_alloc(a, n * sizeof *v);
        for (size_t i = 0; i < n; i++)
            v[i] = (*array[k])[kept[i]];
        *array[k] = v;
    }
    c->of = c->of ? c->of : c->n;
    c->n = n;
    mem_free(kept);
}
