#include "figure/layout/raster.h"
#include "util/mem.h"
#include <math.h>

enum { SIGNS = 3 };

void raster_init(struct raster *r, size_t columns, size_t rows)
{
    *r = (struct raster){columns, rows, mem_array(columns * rows, sizeof *r->cell)};
    for (size_t i = 0; i < columns * rows; i++)
        r->cell[i].owner = -1;
}

void raster_fini(struct raster *r)
{
    mem_free(r->cell);
}

/* The first and the last dot are at its ends. */
struct layout_rect raster_plot(const struct raster *r)
{
    return (struct layout_rect){0, 0, (double)(RASTER_X * r->columns) - 1,
                                (double)(RASTER_Y * r->rows) - 1};
}

struct raster_cell *raster_find(const struct raster *r, double x, double y)
{
    x = round(x);
    y = round(y);
    if (!(x >= 0 && y >= 0 && x < (double)(RASTER_X * r->columns) &&
          y < (double)(RASTER_Y * r->rows)))
        return NULL;
    return &r->cell[(size_t)y / RASTER_Y * r->columns + (size_t)x / RASTER_X];
}

/* What is outside is left out. */
static void add_dot(struct raster *r, double x, double y, int owner)
{
    /* Unicode 15, Braille Patterns: dots 1-3 and 7 on the left, 4-6 and 8 on the right. */
    static const unsigned char bit[RASTER_Y][RASTER_X] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    struct raster_cell *cell = raster_find(r, x, y);
    if (!cell)
        return;
    cell->dots |= bit[(size_t)round(y) % RASTER_Y][(size_t)round(x) % RASTER_X];
    cell->owner = (short)owner;
}

/* Where a line from 0 to d passes the range, in shares of its length. */
static void cut(double from, double d, double high, double *t0, double *t1)
{
    if (fabs(d) < 1e-12) {
        *t1 = from < 0 || from > high ? -1 : *t1;
        return;
    }
    double a = -from / d, b = (high - from) / d;
    *t0 = fmax(*t0, fmin(a, b));
    *t1 = fmin(*t1, fmax(a, b));
}

void raster_line(struct raster *r, const struct layout_line *line, int owner)
{
    struct layout_rect plot = raster_plot(r);
    for (size_t i = 0; i < line->n; i++) {
        struct layout_point to = line->point[i], from = to.move ? to : line->point[i - 1];
        double dx = to.x - from.x, dy = to.y - from.y, t0 = 0, t1 = 1;
        cut(from.x, dx, plot.w + 0.49, &t0, &t1);
        cut(from.y, dy, plot.h + 0.49, &t0, &t1);
        double steps = ceil(fmax(fabs(dx), fabs(dy)) * (t1 - t0));
        for (double k = 0; t0 <= t1 && k <= steps; k++) {
            double t = steps > 0 ? t0 + (t1 - t0) * k / steps : t0;
            add_dot(r, from.x + t * dx, from.y + t * dy, owner);
        }
    }
}

/* In this column or one near to it; false where there is no free place. */
static bool sign_near(struct raster *r, int owner, char sign, long column, long reach)
{
    for (long k = 0; k <= 2 * reach; k++) {
        long at = column + (k % 2 ? (k + 1) / 2 : -k / 2);
        for (size_t row = 0; at >= 0 && at < (long)r->columns && row < r->rows; row++) {
            struct raster_cell *cell = &r->cell[row * r->columns + (size_t)at];
            if (cell->owner == owner && cell->sign == 0) {
                cell->sign = sign;
                return true;
            }
        }
    }
    return false;
}

void raster_sign(struct raster *r, int owner, int owners, char sign)
{
    double period = (double)r->columns / SIGNS;
    bool any = false;
    for (int i = 0; i < SIGNS; i++)
        any |= sign_near(r, owner, sign, (long)(period * (i + (owner + 0.5) / owners)),
                         (long)(period / owners / 2));
    if (!any)
        sign_near(r, owner, sign, (long)r->columns / 2, (long)r->columns);
}
