/* What range an axis shows, and where a value is on it. */
#include "figure/layout/layout.h"
#include <math.h>
#include <stdlib.h>

bool layout_is_gap(const struct axes *a, const struct curve *c, size_t i)
{
    double x = c->x[i], y = c->edge ? 1 : c->y[i];
    bool interval = c->bare && c->n == 2; /* is drawn to the end of a logarithmic axis */
    return !isfinite(x) || !isfinite(y) || (a->x_log && x <= 0 && !interval) ||
           (a->y_log && y <= 0 && !interval);
}

/* Natural logarithms of the width of a logarithmic scale: a quotient would overflow. */
static double log_width(const struct layout_scale *s)
{
    return log(s->hi) - log(s->lo);
}

/* Differences of doubles must stay finite. */
static double tame(double v)
{
    return fmax(-1e300, fmin(1e300, v));
}

static void include(struct layout_scale *s, double v)
{
    s->lo = fmin(s->lo, tame(v));
    s->hi = fmax(s->hi, tame(v));
}

/* A single value gets some room around it: no scale has zero width, nor one that rounding
 * fills. */
static void widen(struct layout_scale *s)
{
    if (s->log) {
        s->lo = fmax(s->lo, 1e-300);
        s->hi = fmax(s->hi, s->lo);
        if (log_width(s) < 1e-9) {
            s->lo /= 1.25;
            s->hi *= 1.25;
        }
        return;
    }
    double size = fmax(fabs(s->lo), fabs(s->hi));
    if (size < 1e-300) {
        s->lo = 0;
        s->hi = 1;
    } else if (s->hi - s->lo < 1e-9 * size) {
        s->lo -= 0.1 * size;
        s->hi += 0.1 * size;
    }
}

static void add_margin(struct layout_scale *s, double share)
{
    if (s->log) {
        double f = exp(share * log_width(s));
        s->lo = fmax(s->lo / f, 1e-305);
        s->hi = fmin(s->hi * f, 1e305);
        return;
    }
    double lo = s->lo, hi = s->hi, room = share * (hi - lo);
    s->lo -= room;
    s->hi += room;
    /* What is never negative is not shown on an axis that goes below zero; one that comes near
     * to zero shows it. */
    if (lo >= 0 && lo < 0.1 * hi)
        s->lo = 0;
}

/* Moves an end of the scale away by so many times its width; not below 0 what was above it. */
static void add_room(struct layout_scale *s, double below, double above)
{
    double width = s->log ? log_width(s) : s->hi - s->lo, lo = s->lo;
    s->lo = s->log ? fmax(s->lo * exp(-below * width), 1e-305) : tame(s->lo - below * width);
    s->hi = s->log ? fmin(s->hi * exp(above * width), 1e305) : tame(s->hi + above * width);
    if (lo >= 0)
        s->lo = fmax(s->lo, 0);
}

/* A drawable point within the chosen range of x. */
static bool is_shown(const struct axes *a, const struct curve *c, size_t i)
{
    bool inside = !a->x_range || (c->x[i] >= a->x_range[0] && c->x[i] <= a->x_range[1]);
    return inside && !layout_is_gap(a, c, i);
}

bool layout_has_band(const struct curve *c, size_t i)
{
    return c->low && c->high && isfinite(c->low[i]) && isfinite(c->high[i]);
}

/* On a logarithmic axis a band that reaches 0 does not widen the scale. */
static void include_band(const struct axes *a, const struct curve *c, size_t i,
                         struct layout_scale *y)
{
    if (!layout_has_band(c, i))
        return;
    if (!a->y_log || c->low[i] > 0)
        include(y, c->low[i]);
    if (!a->y_log || c->high[i] > 0)
        include(y, c->high[i]);
}

/* What lies along the edges of some panels. */
struct edges {
    int most[2]; /* rows below, above: the first has its place in the margin */
    bool notes;  /* over points between them */
};

static void find_edges(const struct axes *a, struct edges *e)
{
    for (size_t k = 0; k < a->curves; k++) {
        const struct curve *c = &a->curve[k];
        for (size_t i = 0; (c->edge || c->note) && i < c->n; i++) {
            if (!is_shown(a, c, i))
                continue;
            int *most = &e->most[c->edge > 0];
            *most = c->edge && abs(c->edge) > *most ? abs(c->edge) : *most;
            e->notes |= !c->edge && c->note[i];
        }
    }
}

/* Rows of points on the edges have their place beyond all others, and beyond the notes over
 * these. */
static void clear_edges(const struct edges *e, struct layout_scale *y)
{
    double below = LAYOUT_EDGE_ROW * fmax(e->most[0] - 1, 0),
           above = LAYOUT_EDGE_ROW * fmax(e->most[1] - 1, 0);
    if (e->most[1] > 0 && e->notes)
        above += LAYOUT_NOTE;
    double left = fmax(1 - below - above, 0.3);
    add_room(y, below / left, above / left);
}

void figure_clear_edges(const struct axes *panel, size_t panels, size_t stride, double range[2])
{
    struct layout_scale y = {range[0], range[1], panels > 0 && panel[0].y_log};
    struct edges e = {0};
    for (size_t i = 0; i < panels; i += stride)
        find_edges(&panel[i], &e);
    clear_edges(&e, &y);
    range[0] = y.lo;
    range[1] = y.hi;
}

/* A chosen range, with room where it has no width; one that no logarithmic scale can have is passed
 * over. */
static void choose(struct layout_scale *s, const double *range)
{
    if (!range || (s->log && !(range[0] > 0)))
        return;
    s->lo = tame(range[0]);
    s->hi = tame(range[1]);
    widen(s);
}

bool layout_scales(const struct axes *a, struct layout_scale *ret_x, struct layout_scale *ret_y)
{
    struct layout_scale x = {HUGE_VAL, -HUGE_VAL, a->x_log}, y = {HUGE_VAL, -HUGE_VAL, a->y_log};
    for (size_t k = 0; k < a->curves; k++)
        for (size_t i = 0; i < a->curve[k].n; i++)
            if (is_shown(a, &a->curve[k], i)) {
                if (!a->x_log || a->curve[k].x[i] > 0)
                    include(&x, a->curve[k].x[i]);
                if (a->curve[k].edge)
                    continue;
                if (!a->y_log || a->curve[k].y[i] > 0)
                    include(&y, a->curve[k].y[i]);
                include_band(a, &a->curve[k], i, &y);
            }
    bool any = x.lo <= x.hi, found = y.lo <= y.hi;
    if (any && !found) /* nothing but points on edges */
        y = (struct layout_scale){a->y_log ? 1 : 0, a->y_log ? 10 : 1, a->y_log};
    if (any) {
        bool share = a->y_percent && y.lo >= 0 && y.hi <= 1;
        widen(&x);
        widen(&y);
        add_margin(&y, 0.04);
        if (share)
            y.hi = fmin(y.hi, 1.0);
        struct edges e = {0};
        find_edges(a, &e);
        if (found)
            clear_edges(&e, &y);
    } else {
        x = (struct layout_scale){a->x_log ? 1 : 0, a->x_log ? 10 : 1, a->x_log};
        y = (struct layout_scale){a->y_log ? 1 : 0, a->y_log ? 10 : 1, a->y_log};
        if (a->y_log && a->y_percent)
            y = (struct layout_scale){0.1, 1, true};
    }
    if (a->rows > 0)
        y = (struct layout_scale){0.5, (double)a->rows + 0.5, false};
    choose(&x, a->x_range);
    choose(&y, a->y_range);
    *ret_x = x;
    *ret_y = y;
    return found;
}

double layout_map_within(const struct layout_scale *s, double v, double from, double to,
                         double reach)
{
    double t = s->log && v <= 0 ? -reach
               : s->log         ? (log(v) - log(s->lo)) / log_width(s)
                                : (v - s->lo) / (s->hi - s->lo);
    return from + fmax(-reach, fmin(reach, t)) * (to - from);
}

double layout_map(const struct layout_scale *s, double v, double from, double to)
{
    return layout_map_within(s, v, from, to, LAYOUT_NEAR);
}

bool layout_heat_scale(const struct heat_map *h, bool percent, struct layout_scale *ret)
{
    struct layout_scale s = {HUGE_VAL, -HUGE_VAL, h->log};
    const double *v = h->shade ? h->shade : h->value;
    for (size_t i = 0; i < h->rows * h->columns; i++)
        if (isfinite(v[i]) && (!h->log || v[i] > 0))
            include(&s, v[i]);
    bool found = s.lo <= s.hi, share = percent && s.hi <= 1;
    if (found)
        widen(&s);
    else
        s = (struct layout_scale){h->log ? 1 : 0, h->log ? 10 : 1, h->log};
    choose(&s, h->range);
    if (found && share && !h->range)
        s.hi = fmin(s.hi, 1);
    *ret = s;
    return found;
}
