/* Curves and bands as lines in pixels. */
#include "figure/layout/layout.h"
#include "util/mem.h"
#include <math.h>
#include <stdlib.h>

/* Consecutive points of one pixel column, to be reduced to at most four. */
struct column {
    struct layout_point first, last, low, high;
    double column;
    size_t n, at_low, at_high;
};

static void emit(struct layout_line *line, struct layout_point p)
{
    line->point[line->n++] = p;
}

static void flush_column(struct layout_line *line, struct column *c)
{
    if (c->n == 0)
        return;
    bool low_first = c->at_low < c->at_high;
    struct layout_point one = low_first ? c->low : c->high, two = low_first ? c->high : c->low;
    size_t at_one = low_first ? c->at_low : c->at_high, at_two = low_first ? c->at_high : c->at_low;
    emit(line, c->first);
    one.move = two.move = c->last.move = false;
    if (at_one > 0 && at_one < c->n - 1)
        emit(line, one);
    if (at_two > 0 && at_two < c->n - 1 && at_two != at_one)
        emit(line, two);
    if (c->n > 1)
        emit(line, c->last);
    c->n = 0;
}

static void add_to_column(struct layout_line *line, struct column *c, struct layout_point p)
{
    double column = floor(p.x);
    if (c->n > 0 && (p.move || column < c->column || column > c->column))
        flush_column(line, c);
    if (c->n == 0) {
        *c = (struct column){.first = p, .last = p, .low = p, .high = p, .column = column, .n = 1};
        return;
    }
    if (p.y < c->high.y) {
        c->high = p;
        c->at_high = c->n;
    }
    if (p.y > c->low.y) {
        c->low = p;
        c->at_low = c->n;
    }
    c->last = p;
    c->n++;
}

/* A line on its way into points. Far points are left out and the line is cut off at a frame around
 * the plot, so that it leaves in its own direction and comes back from where it does. */
struct outline {
    struct layout_line line;
    struct column column;
    struct layout_rect frame;
    bool dense; /* more points than pixel columns */
    bool torn;  /* the last point was outside the frame */
};

static void put(struct outline *o, struct layout_point p)
{
    if (o->dense)
        add_to_column(&o->line, &o->column, p);
    else
        emit(&o->line, p);
}

/* The part of [0, 1] in which a + t d is within [lo, hi], as part of [*t0, *t1]. */
static void clip(double a, double d, double lo, double hi, double *t0, double *t1)
{
    if (fabs(d) < 1e-12) {
        if (a < lo || a > hi)
            *t1 = -1;
        return;
    }
    double t = (lo - a) / d, u = (hi - a) / d;
    *t0 = fmax(*t0, fmin(t, u));
    *t1 = fmin(*t1, fmax(t, u));
}

static struct layout_point between(const struct layout_rect *frame, struct layout_point a,
                                   struct layout_point b, double t)
{
    if (t <= 0 || t >= 1)
        return t <= 0 ? a : b;
    double x = a.x + t * (b.x - a.x), y = a.y + t * (b.y - a.y);
    return (struct layout_point){fmax(frame->x, fmin(frame->x + frame->w, x)),
                                 fmax(frame->y, fmin(frame->y + frame->h, y)), false};
}

static void add_segment(struct outline *o, struct layout_point from, struct layout_point to)
{
    const struct layout_rect *r = &o->frame;
    double t0 = 0, t1 = 1;
    if (to.move) {
        o->torn = to.x < r->x || to.x > r->x + r->w || to.y < r->y || to.y > r->y + r->h;
        if (!o->torn)
            put(o, to);
        return;
    }
    clip(from.x, to.x - from.x, r->x, r->x + r->w, &t0, &t1);
    clip(from.y, to.y - from.y, r->y, r->y + r->h, &t0, &t1);
    if (t1 < t0) {
        o->torn = true;
        return;
    }
    if (o->torn) {
        struct layout_point entry = between(r, from, to, t0);
        entry.move = true;
        put(o, entry);
    }
    struct layout_point end = between(r, from, to, t1);
    end.move = false;
    put(o, end);
    o->torn = t1 < 1;
}

double layout_edge(int edge, struct layout_rect plot)
{
    double away = LAYOUT_EDGE_ROW * (abs(edge) - 1) * plot.h;
    return edge > 0 ? plot.y + away : plot.y + plot.h - away;
}

static double edge_or(const struct curve *c, const struct layout_scale *y, size_t i,
                      struct layout_rect plot, double reach)
{
    if (c->edge)
        return layout_edge(c->edge, plot);
    return layout_map_within(y, c->y[i], plot.y + plot.h, plot.y, reach);
}

struct layout_line layout_polyline(const struct axes *a, const struct curve *c,
                                   const struct layout_scale *x, const struct layout_scale *y,
                                   struct layout_rect plot)
{
    struct outline o = {.line.point = mem_array(2 * c->n + 4, sizeof(struct layout_point)),
                        .dense = (double)c->n > plot.w};
    o.frame = (struct layout_rect){plot.x - LAYOUT_NEAR * plot.w, plot.y - LAYOUT_NEAR * plot.h,
                                   (2 * LAYOUT_NEAR + 1) * plot.w, (2 * LAYOUT_NEAR + 1) * plot.h};
    struct layout_point before = {0};
    double reach = c->steps ? LAYOUT_NEAR : LAYOUT_FAR;
    bool move = true;
    for (size_t i = 0; i < c->n; i++) {
        if (layout_is_gap(a, c, i)) {
            move = true;
            continue;
        }
        struct layout_point p = {layout_map_within(x, c->x[i], plot.x, plot.x + plot.w, reach),
                                 edge_or(c, y, i, plot, reach), move};
        if (c->steps) {
            if (!move && fabs(p.y - before.y) > 0)
                put(&o, (struct layout_point){p.x, before.y, false});
            put(&o, p);
        } else {
            add_segment(&o, before, p);
        }
        before = p;
        move = false;
    }
    flush_column(&o.line, &o.column);
    return o.line;
}

void layout_line_fini(struct layout_line *line)
{
    mem_free(line->point);
    *line = (struct layout_line){0};
}

static double band_pixel(const struct layout_scale *y, double v, struct layout_rect plot)
{
    if (y->log && v <= 0)
        return plot.y + plot.h;
    return layout_map(y, v, plot.y + plot.h, plot.y);
}

struct layout_line layout_band(const struct axes *a, const struct curve *c,
                               const struct layout_scale *x, const struct layout_scale *y,
                               struct layout_rect plot)
{
    struct layout_line line = {.point = mem_array(2 * c->n + 1, sizeof(struct layout_point))};
    for (size_t from = 0, to; from < c->n; from = to + 1) {
        for (to = from; to < c->n && !layout_is_gap(a, c, to) && layout_has_band(c, to);)
            to++;
        for (size_t i = from; i < to; i++)
            emit(&line, (struct layout_point){layout_map(x, c->x[i], plot.x, plot.x + plot.w),
                                              band_pixel(y, c->high[i], plot), i == from});
        for (size_t i = to; i > from; i--)
            emit(&line, (struct layout_point){layout_map(x, c->x[i - 1], plot.x, plot.x + plot.w),
                                              band_pixel(y, c->low[i - 1], plot), false});
    }
    return line;
}

double layout_covered(const struct layout_line *line, struct layout_rect r)
{
    double sum = 0;
    for (size_t i = 0; i < line->n; i++) {
        const struct layout_point *p = &line->point[i];
        if (p->move) {
            sum += p->x >= r.x && p->x <= r.x + r.w && p->y >= r.y && p->y <= r.y + r.h ? 1 : 0;
            continue;
        }
        double dx = p->x - p[-1].x, dy = p->y - p[-1].y, from = 0, to = 1;
        clip(p[-1].x, dx, r.x, r.x + r.w, &from, &to);
        clip(p[-1].y, dy, r.y, r.y + r.h, &from, &to);
        if (to > from)
            sum += (to - from) * sqrt(dx * dx + dy * dy);
    }
    return sum;
}
