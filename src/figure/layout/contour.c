#include "figure/layout/contour.h"
#include "util/mem.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* ---- growing lines ---- */

struct lines {
    struct layout_line line;
    size_t capacity;
};

static void add(struct lines *to, struct layout_point p)
{
    to->line.point = mem_room(to->line.point, to->line.n, &to->capacity, sizeof p);
    to->line.point[to->line.n++] = p;
}

/* ---- one cell ---- */

/* Its corners in turn: lower left, lower right, upper right, upper left. */
struct cell {
    struct layout_point at[4];
    double value[4];
};

static struct layout_point grid_point(const struct contours *c, const struct contour_frame *f,
                                      size_t column, size_t row)
{
    double x = c->x0 + (c->x1 - c->x0) * (double)column / (double)(c->columns - 1);
    double y = c->y0 + (c->y1 - c->y0) * (double)row / (double)(c->rows - 1);
    struct layout_rect r = f->plot;
    return (struct layout_point){layout_map(f->x, x, r.x, r.x + r.w),
                                 layout_map(f->y, y, r.y + r.h, r.y), false};
}

static struct cell cell_at(const struct contours *c, const struct contour_frame *f, size_t column,
                           size_t row)
{
    static const size_t right[] = {0, 1, 1, 0}, up[] = {0, 0, 1, 1};
    struct cell cell;
    for (int i = 0; i < 4; i++) {
        cell.at[i] = grid_point(c, f, column + right[i], row + up[i]);
        cell.value[i] = c->value[(row + up[i]) * c->columns + column + right[i]];
    }
    return cell;
}

/* How many corners are at or above the level; -1 where one has no value. */
static int corners_above(const struct contours *c, size_t column, size_t row, double level)
{
    const double *v = &c->value[row * c->columns + column];
    const double corner[] = {v[0], v[1], v[c->columns], v[c->columns + 1]};
    int n = 0;
    for (int i = 0; i < 4; i++) {
        if (!isfinite(corner[i]))
            return -1;
        n += corner[i] >= level;
    }
    return n;
}

/* Where the edge from corner i to the next one crosses the level. */
static struct layout_point crossing(const struct cell *cell, int i, double level)
{
    int k = (i + 1) % 4;
    const struct layout_point *p = &cell->at[i], *q = &cell->at[k];
    double t = (level - cell->value[i]) / (cell->value[k] - cell->value[i]);
    return (struct layout_point){p->x + t * (q->x - p->x), p->y + t * (q->y - p->y), false};
}

/* ---- what is above ---- */

/* Around the cell: corners above the level, and crossings. Two opposite corners above are
 * joined. */
static void add_polygon(struct lines *to, const struct cell *cell, double level)
{
    bool first = true;
    for (int i = 0; i < 4; i++) {
        bool here = cell->value[i] >= level, next = cell->value[(i + 1) % 4] >= level;
        struct layout_point point[2];
        int n = 0;
        if (here)
            point[n++] = cell->at[i];
        if (here != next)
            point[n++] = crossing(cell, i, level);
        for (int k = 0; k < n; k++) {
            point[k].move = first;
            first = false;
            add(to, point[k]);
        }
    }
}

/* Whole cells side by side are one rectangle. */
static void add_run(struct lines *to, const struct contours *c, const struct contour_frame *f,
                    size_t from, size_t end, size_t row)
{
    struct layout_point corner[] = {grid_point(c, f, from, row), grid_point(c, f, end, row),
                                    grid_point(c, f, end, row + 1),
                                    grid_point(c, f, from, row + 1)};
    corner[0].move = true;
    for (int i = 0; i < 4; i++)
        add(to, corner[i]);
}

struct layout_line contour_above(const struct contours *c, double level,
                                 const struct contour_frame *frame)
{
    struct lines to = {0};
    for (size_t row = 0; row + 1 < c->rows; row++)
        for (size_t column = 0; column + 1 < c->columns; column++) {
            int n = corners_above(c, column, row, level);
            size_t end = column;
            while (end + 1 < c->columns && corners_above(c, end, row, level) == 4)
                end++;
            if (end > column) {
                add_run(&to, c, frame, column, end, row);
                column = end - 1;
            } else if (n > 0) {
                struct cell cell = cell_at(c, frame, column, row);
                add_polygon(&to, &cell, level);
            }
        }
    return to.line;
}

/* ---- where it is crossed ---- */

/* From where the way around the cell leaves what is above to where it enters it again. */
static void add_segments(struct lines *to, const struct cell *cell, double level)
{
    for (int i = 0; i < 4; i++) {
        if (!(cell->value[i] >= level) || cell->value[(i + 1) % 4] >= level)
            continue;
        int k = (i + 1) % 4;
        while (!(cell->value[(k + 1) % 4] >= level))
            k = (k + 1) % 4;
        struct layout_point from = crossing(cell, i, level), end = crossing(cell, k, level);
        from.move = true;
        add(to, from);
        add(to, end);
    }
}

struct layout_line contour_lines(const struct contours *c, double level,
                                 const struct contour_frame *frame)
{
    struct lines to = {0};
    for (size_t row = 0; row + 1 < c->rows; row++)
        for (size_t column = 0; column + 1 < c->columns; column++) {
            int n = corners_above(c, column, row, level);
            if (n <= 0 || n == 4)
                continue;
            struct cell cell = cell_at(c, frame, column, row);
            add_segments(&to, &cell, level);
        }
    return to.line;
}

/* ---- levels ---- */

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Two significant digits, more where the values span less than five units of them. */
static double rounded(double v, double span)
{
    double size = fabs(v);
    if (!(size > 1e-300))
        return 0;
    double unit = pow(10, floor(fmin(log10(size) - 1, log10(span / 5))));
    return round(v / unit) * unit;
}

size_t figure_levels(const double *value, size_t n, size_t want, double *ret_level)
{
    double *sorted = mem_array(n, sizeof *sorted);
    size_t m = 0, levels = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            sorted[m++] = value[i];
    qsort(sorted, m, sizeof *sorted, compare);
    double span = m > 0 ? sorted[m - 1] - sorted[0] : 0;
    for (size_t k = 1; span > 0 && k <= want; k++) {
        /* bands near the lowest value are narrower: that is where paths end */
        double share = pow((double)k / (double)(want + 1), 1.6);
        double level = rounded(sorted[(size_t)(share * (double)(m - 1))], span);
        if (level > sorted[0] && level < sorted[m - 1] &&
            (levels == 0 || level > ret_level[levels - 1]))
            ret_level[levels++] = level;
    }
    mem_free(sorted);
    return levels;
}

/* ---- shape ---- */

struct layout_rect contour_equal(struct layout_rect plot, const struct layout_scale *x,
                                 const struct layout_scale *y)
{
    double w = x->hi - x->lo, h = y->hi - y->lo;
    assert(!x->log && !y->log && w > 0 && h > 0);
    double unit = fmin(plot.w / w, plot.h / h);
    return (struct layout_rect){plot.x + (plot.w - unit * w) / 2, plot.y + plot.h - unit * h,
                                unit * w, unit * h};
}
