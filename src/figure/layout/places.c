/* Where the legend, the labels of marks and the cells of heat maps go. */
#include "figure/layout/layout.h"
#include <math.h>

static double overlap(struct layout_rect a, struct layout_rect b)
{
    double w = fmin(a.x + a.w, b.x + b.w) - fmax(a.x, b.x);
    double h = fmin(a.y + a.h, b.y + b.h) - fmax(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

/* What a box there covers: lines passing close by are nearly as bad. */
static double cost_of(const struct layout_obstacles *o, struct layout_rect r)
{
    struct layout_rect wide = {r.x - o->pad / 2, r.y - o->pad / 2, r.w + o->pad, r.h + o->pad};
    double covered = 0;
    for (size_t k = 0; k < o->lines; k++)
        covered += layout_covered(&o->line[k], wide);
    for (size_t k = 0; k < o->boxes; k++)
        covered += overlap(wide, o->box[k]) / 4;
    return covered;
}

enum { FINE = 9 }; /* places along each side, where none of the usual ones is free */

struct layout_rect layout_place(const struct layout_obstacles *o, double w, double h,
                                double *ret_covered)
{
    /* Shares of the free room to the left and above, in the order of preference. */
    static const double usual[][2] = {{1, 0},   {0, 0},   {1, 1},   {0, 1},    {1, 0.5},
                                      {0, 0.5}, {0.5, 0}, {0.5, 1}, {0.75, 0}, {0.25, 0}};
    enum { USUAL = sizeof usual / sizeof usual[0] };
    /* What is left of the plot, and its corner. */
    double left = o->plot.x + o->pad, top = o->plot.y + o->pad;
    double wide = o->plot.w - w - 2 * o->pad, high = o->plot.h - h - 2 * o->pad;
    struct layout_rect best = {left, top, w, h};
    double least = HUGE_VAL;
    for (size_t i = 0; i < USUAL + FINE * FINE && least > 0; i++) {
        size_t column = (i - USUAL) % FINE, row = (i - USUAL) / FINE;
        double x = i < USUAL ? usual[i][0] : 1 - (double)column / (FINE - 1);
        double y = i < USUAL ? usual[i][1] : (double)row / (FINE - 1);
        struct layout_rect r = {left + x * wide, top + y * high, w, h};
        double covered = cost_of(o, r);
        if (covered < least - 1e-9) {
            least = covered;
            best = r;
        }
    }
    if (ret_covered)
        *ret_covered = least;
    return best;
}

/* The left edge of a label: left of its line, unless that would stick out of the plot or cover
 * the line before while the right side is free. */
static double mark_side(const struct layout_marks *m, size_t k)
{
    double left = m->x[k] - m->pad - m->height, right = m->x[k] + m->pad, end = right + m->height;
    bool right_free = end <= m->plot.x + m->plot.w && (k + 1 == m->n || m->x[k + 1] > end);
    if (left < m->plot.x || (k > 0 && m->x[k - 1] > left && right_free))
        return right;
    return left;
}

void layout_mark_labels(const struct layout_marks *m, bool upper, struct layout_rect *ret_box)
{
    struct layout_rect plot = m->plot;
    for (size_t k = 0; k < m->n; k++) {
        struct layout_rect r = {mark_side(m, k), 0, m->height, m->length[k]};
        double depth = m->pad;
        bool moved = true;
        while (moved && r.h > 0) {
            moved = false;
            r.y = upper ? plot.y + depth : plot.y + plot.h - depth - r.h;
            for (size_t i = 0; i < k && !moved; i++)
                if (overlap(r, ret_box[i]) > 0) {
                    double end = upper ? ret_box[i].y + ret_box[i].h - plot.y
                                       : plot.y + plot.h - ret_box[i].y;
                    depth = end + 1.5 * m->height; /* more than a space: two labels, not one */
                    moved = true;
                }
        }
        if (!(r.h > 0) || depth + r.h > plot.h - m->pad)
            r.w = r.h = 0;
        ret_box[k] = r;
    }
}

size_t layout_flow(size_t n, double width, double room)
{
    size_t most = width > 0 && room > width ? (size_t)(room / width) : 1;
    most = most > n ? n : most;
    if (most < 2)
        return 1;
    size_t rows = (n + most - 1) / most;
    return (n + rows - 1) / rows;
}

struct layout_rect layout_cell(const struct heat_map *h, struct layout_rect plot, size_t row,
                               size_t column)
{
    double w = plot.w / (double)h->columns, height = plot.h / (double)h->rows;
    return (struct layout_rect){plot.x + (double)column * w,
                                plot.y + plot.h - (double)(row + 1) * height, w, height};
}
