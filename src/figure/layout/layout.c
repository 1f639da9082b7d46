#include "figure/layout/layout.h"
#include "figure/draw/text.h"
#include "util/csv.h"
#include "util/mem.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ranges ---- */

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

/* A drawable point within the x range that was asked for. */
static bool is_shown(const struct axes *a, const struct curve *c, size_t i)
{
    bool inside = !a->x_range || (c->x[i] >= a->x_range[0] && c->x[i] <= a->x_range[1]);
    return inside && !layout_is_gap(a, c, i);
}

static bool has_band(const struct curve *c, size_t i)
{
    return c->low && c->high && isfinite(c->low[i]) && isfinite(c->high[i]);
}

/* On a logarithmic axis a band that reaches 0 does not widen the scale. */
static void include_band(const struct axes *a, const struct curve *c, size_t i,
                         struct layout_scale *y)
{
    if (!has_band(c, i))
        return;
    if (!a->y_log || c->low[i] > 0)
        include(y, c->low[i]);
    if (!a->y_log || c->high[i] > 0)
        include(y, c->high[i]);
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
    } else {
        x = (struct layout_scale){a->x_log ? 1 : 0, a->x_log ? 10 : 1, a->x_log};
        y = (struct layout_scale){a->y_log ? 1 : 0, a->y_log ? 10 : 1, a->y_log};
        if (a->y_log && a->y_percent)
            y = (struct layout_scale){0.1, 1, true};
    }
    if (a->rows > 0)
        y = (struct layout_scale){0.5, (double)a->rows + 0.5, false};
    if (a->x_range)
        x = (struct layout_scale){a->x_range[0], a->x_range[1], a->x_log};
    if (a->y_range)
        y = (struct layout_scale){a->y_range[0], a->y_range[1], a->y_log};
    *ret_x = x;
    *ret_y = y;
    return found;
}

/* In widths of the scale: what is still drawn beyond it, and what still tells a direction. */
static const double NEAR = 10, FAR = 1e6;

static double map_within(const struct layout_scale *s, double v, double from, double to,
                         double reach)
{
    double t = s->log && v <= 0 ? -reach
               : s->log         ? (log(v) - log(s->lo)) / log_width(s)
                                : (v - s->lo) / (s->hi - s->lo);
    return from + fmax(-reach, fmin(reach, t)) * (to - from);
}

double layout_map(const struct layout_scale *s, double v, double from, double to)
{
    return map_within(s, v, from, to, NEAR);
}

/* ---- ticks ---- */

/* "1.5×10⁻³" */
static void write_power(char *to, double mantissa, int decimals, int exponent, bool bare)
{
    static const char *const superscript[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char digits[16], text[LAYOUT_LABEL] = "";
    int n = 0;
    if (!bare)
        n = snprintf(text, sizeof text, "%s%.*f×", mantissa < 0 ? "−" : "", decimals,
                     fabs(mantissa));
    if (n < 0 || n > LAYOUT_LABEL - 24)
        n = 0;
    snprintf(digits, sizeof digits, "%d", abs(exponent));
    n += snprintf(text + n, sizeof text - (size_t)n, "%s", exponent < 0 ? "10⁻" : "10");
    for (const char *d = digits; *d && n < LAYOUT_LABEL; d++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s", superscript[*d - '0']);
    memcpy(to, text, sizeof text);
}

static void write_plain(char *to, double v, int decimals, bool percent)
{
    double size = fabs(percent ? 100 * v : v);
    snprintf(to, LAYOUT_LABEL, "%s%.*f%s", v < 0 ? "−" : "", decimals, size, percent ? "%" : "");
}

/* The decimals that the k-th power of ten needs. */
static int decimals_of(int k, bool percent)
{
    k += percent ? 2 : 0;
    return k < 0 ? -k : 0;
}

static struct layout_tick *add_tick(struct layout_ticks *to, double v)
{
    struct layout_tick *t = &to->tick[to->n++];
    *t = (struct layout_tick){.value = v};
    return t;
}

/* The smallest 1, 2 or 5 times a power of ten that is not below v. */
static double nice_step(double v, int *ret_mantissa, int *ret_exponent)
{
    static const int mantissa[] = {1, 2, 5, 10};
    int k = (int)floor(log10(v)), m = 0;
    double p = pow(10, k);
    while (m < 3 && mantissa[m] * p < v * (1 - 1e-9))
        m++;
    *ret_mantissa = m == 3 ? 1 : mantissa[m];
    *ret_exponent = m == 3 ? k + 1 : k;
    return *ret_mantissa * pow(10, *ret_exponent);
}

static void linear_ticks(const struct layout_scale *s, size_t target, bool percent,
                         struct layout_ticks *ret)
{
    int mantissa, k;
    double step = nice_step((s->hi - s->lo) / (double)target, &mantissa, &k);
    double largest = fmax(fabs(s->lo), fabs(s->hi)), slack = 1e-9;
    bool power = !percent && (largest >= 1e6 || largest < 1e-3);
    int e = (int)floor(log10(largest));
    double first = ceil(s->lo / step - slack), last = floor(s->hi / step + slack);
    for (double i = first; i <= last && ret->n < LAYOUT_TICKS; i++) {
        /* Dividing by a power of ten rounds once: 0.3, not 0.30000000000000004. */
        double v = k < 0 && k > -300 ? i * mantissa / pow(10, -k) : i * step;
        struct layout_tick *t = add_tick(ret, fmax(s->lo, fmin(s->hi, v)));
        if (fabs(i) < 0.5)
            snprintf(t->label, sizeof t->label, "%s", percent ? "0%" : "0");
        else if (power)
            write_power(t->label, v / pow(10, e), e > k ? e - k : 0, e, false);
        else
            write_plain(t->label, v, decimals_of(k, percent), percent);
    }
}

static void label_log(struct layout_tick *t, int m, int k, bool plain, bool percent)
{
    if (plain)
        write_plain(t->label, t->value, decimals_of(k, percent), percent);
    else
        write_power(t->label, m, 0, k, m == 1);
}

static void log_ticks(const struct layout_scale *s, size_t target, bool percent,
                      struct layout_ticks *ret)
{
    double from = log10(s->lo), to = log10(s->hi), decades = to - from;
    int first = (int)floor(from), last = (int)ceil(to);
    bool fine = 3 * decades <= 1.2 * (double)target;
    bool plain = ceil(from) >= (percent ? -5 : -4) && last <= 5;
    int stride = (int)ceil(decades / (double)target);
    bool between = stride == 1 && 9 * (last - first + 1) <= LAYOUT_TICKS;
    for (int k = first; k <= last; k++)
        for (int m = 1; m <= (between ? 9 : 1); m++) {
            double v = k < 0 && k > -300 ? m / pow(10, -k) : m * pow(10, k);
            if (v < s->lo * (1 - 1e-9) || v > s->hi * (1 + 1e-9) || ret->n == LAYOUT_TICKS)
                continue;
            if (m == 1 && k % stride != 0)
                continue;
            struct layout_tick *t = add_tick(ret, v);
            if (m == 1 || (fine && (m == 2 || m == 5)))
                label_log(t, m, k, plain, percent);
        }
}

void layout_ticks(const struct layout_scale *s, size_t target, bool percent,
                  struct layout_ticks *ret)
{
    assert(s->lo < s->hi);
    if (target < 2)
        target = 2;
    if (target > LAYOUT_TICKS / 4)
        target = LAYOUT_TICKS / 4;
    ret->n = 0;
    /* Within less than most of a decade 1, 2, 5 would be too few. */
    if (s->log && log_width(s) >= 0.7 * log(10))
        log_ticks(s, target, percent, ret);
    else
        linear_ticks(s, target, percent, ret);
}

void layout_own_ticks(const struct layout_scale *s, const double *v, const char *const *name,
                      size_t n, struct layout_ticks *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < n && ret->n < LAYOUT_TICKS; i++)
        if (v[i] >= s->lo && v[i] <= s->hi) {
            struct layout_tick *t = add_tick(ret, v[i]);
            if (name)
                snprintf(t->label, sizeof t->label, "%.*s",
                         (int)text_prefix(name[i], LAYOUT_LABEL - 1), name[i]);
            else
                snprintf(t->label, sizeof t->label, "%s%.6g", v[i] < 0 ? "−" : "", fabs(v[i]));
        }
}

void layout_whole_ticks(struct layout_ticks *t)
{
    size_t n = 0;
    bool fractions = false;
    for (size_t i = 0; i < t->n; i++)
        fractions |= fabs(t->tick[i].value - round(t->tick[i].value)) > 1e-9;
    for (size_t i = 0; i < t->n && fractions; i++) {
        double v = t->tick[i].value;
        if (fabs(v - round(v)) > 1e-9)
            continue;
        t->tick[n] = t->tick[i];
        if (t->tick[i].label[0] && fabs(v) < 1e6)
            write_plain(t->tick[n].label, round(v), 0, false);
        n++;
    }
    t->n = fractions ? n : t->n;
}

size_t layout_minor(const struct layout_scale *s, const struct layout_ticks *t, bool whole,
                    double *ret)
{
    size_t n = 0;
    if (s->log && log_width(s) >= 0.7 * log(10)) {
        for (size_t i = 0; i < t->n; i++)
            if (!t->tick[i].label[0])
                ret[n++] = t->tick[i].value;
        return n;
    }
    if (t->n < 2)
        return 0;
    double step = t->tick[1].value - t->tick[0].value, power = pow(10, floor(log10(step) + 1e-9));
    int parts = step / power > 4 ? 5 : 2;
    step /= parts;
    if (whole && fabs(step - round(step)) > 1e-9)
        return 0;
    /* one step before the first tick, one after the last */
    for (int i = -parts; i <= (int)t->n * parts; i++) {
        double v = t->tick[0].value + i * step;
        if (i % parts != 0 && v > s->lo && v < s->hi)
            ret[n++] = v;
    }
    return n;
}

/* ---- polylines ---- */

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

/* The part of [0, 1] in which a + t d lies within [lo, hi] is cut from [*t0, *t1]. */
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
    double away = 0.035 * (abs(edge) - 1) * plot.h;
    return edge > 0 ? plot.y + away : plot.y + plot.h - away;
}

static double edge_or(const struct curve *c, const struct layout_scale *y, size_t i,
                      struct layout_rect plot, double reach)
{
    if (c->edge)
        return layout_edge(c->edge, plot);
    return map_within(y, c->y[i], plot.y + plot.h, plot.y, reach);
}

struct layout_line layout_polyline(const struct axes *a, const struct curve *c,
                                   const struct layout_scale *x, const struct layout_scale *y,
                                   struct layout_rect plot)
{
    struct outline o = {.line.point = mem_array(2 * c->n + 4, sizeof(struct layout_point)),
                        .dense = (double)c->n > plot.w};
    o.frame = (struct layout_rect){plot.x - NEAR * plot.w, plot.y - NEAR * plot.h,
                                   (2 * NEAR + 1) * plot.w, (2 * NEAR + 1) * plot.h};
    struct layout_point before = {0};
    double reach = c->steps ? NEAR : FAR;
    bool move = true;
    for (size_t i = 0; i < c->n; i++) {
        if (layout_is_gap(a, c, i)) {
            move = true;
            continue;
        }
        struct layout_point p = {map_within(x, c->x[i], plot.x, plot.x + plot.w, reach),
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
        for (to = from; to < c->n && !layout_is_gap(a, c, to) && has_band(c, to);)
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

/* ---- styles ---- */

static bool style_taken(const struct axes *a, const int *style, size_t k, int wanted)
{
    for (size_t i = 0; i < a->curves; i++)
        if (a->curve[i].style == wanted || (i < k && style[i] == wanted))
            return true;
    return false;
}

void layout_styles(const struct axes *a, int *ret_style)
{
    for (size_t k = 0; k < a->curves; k++) {
        ret_style[k] = a->curve[k].style;
        if (ret_style[k] >= 0)
            continue;
        ret_style[k] = 0;
        while (style_taken(a, ret_style, k, ret_style[k]))
            ret_style[k]++;
    }
}

int layout_dash(int style, bool symbols)
{
    int round = style / LAYOUT_COLOURS;
    return (symbols ? 2 * round : style + 3 * round) % LAYOUT_DASHES;
}

/* ---- places ---- */

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

static double overlap(struct layout_rect a, struct layout_rect b)
{
    double w = fmin(a.x + a.w, b.x + b.w) - fmax(a.x, b.x);
    double h = fmin(a.y + a.h, b.y + b.h) - fmax(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

/* What a box there covers: lines passing close by are nearly as bad. */
static double cost_of(struct layout_rect r, double pad, const struct layout_line *line,
                      size_t lines, const struct layout_rect *box, size_t boxes)
{
    struct layout_rect wide = {r.x - pad / 2, r.y - pad / 2, r.w + pad, r.h + pad};
    double covered = 0;
    for (size_t k = 0; k < lines; k++)
        covered += layout_covered(&line[k], wide);
    for (size_t k = 0; k < boxes; k++)
        covered += overlap(wide, box[k]) / 4;
    return covered;
}

enum { FINE = 9 }; /* places along each side, where none of the usual ones is free */

struct layout_rect layout_place(struct layout_rect plot, double w, double h, double pad,
                                const struct layout_line *line, size_t lines,
                                const struct layout_rect *box, size_t boxes, double *ret_covered)
{
    /* Shares of the free room to the left and above, in the order of preference. */
    static const double usual[][2] = {{1, 0},   {0, 0},   {1, 1},   {0, 1},    {1, 0.5},
                                      {0, 0.5}, {0.5, 0}, {0.5, 1}, {0.75, 0}, {0.25, 0}};
    enum { USUAL = sizeof usual / sizeof usual[0] };
    struct layout_rect best = {plot.x + pad, plot.y + pad, w, h};
    double least = HUGE_VAL;
    for (size_t i = 0; i < USUAL + FINE * FINE && least > 0; i++) {
        size_t column = (i - USUAL) % FINE, row = (i - USUAL) / FINE;
        double x = i < USUAL ? usual[i][0] : 1 - (double)column / (FINE - 1);
        double y = i < USUAL ? usual[i][1] : (double)row / (FINE - 1);
        struct layout_rect r = {plot.x + pad + x * (plot.w - w - 2 * pad),
                                plot.y + pad + y * (plot.h - h - 2 * pad), w, h};
        double covered = cost_of(r, pad, line, lines, box, boxes);
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
static double mark_side(const double *x, size_t k, size_t n, double height, double pad,
                        struct layout_rect plot)
{
    double left = x[k] - pad - height, right = x[k] + pad, end = right + height;
    bool right_free = end <= plot.x + plot.w && (k + 1 == n || x[k + 1] > end);
    if (left < plot.x || (k > 0 && x[k - 1] > left && right_free))
        return right;
    return left;
}

void layout_mark_labels(const double *x, const double *length, size_t n, double height, double pad,
                        struct layout_rect plot, bool upper, struct layout_rect *ret_box)
{
    for (size_t k = 0; k < n; k++) {
        struct layout_rect r = {mark_side(x, k, n, height, pad, plot), 0, height, length[k]};
        double depth = pad;
        bool moved = true;
        while (moved && length[k] > 0) {
            moved = false;
            r.y = upper ? plot.y + depth : plot.y + plot.h - depth - length[k];
            for (size_t i = 0; i < k && !moved; i++)
                if (overlap(r, ret_box[i]) > 0) {
                    double end = upper ? ret_box[i].y + ret_box[i].h - plot.y
                                       : plot.y + plot.h - ret_box[i].y;
                    depth = end + pad;
                    moved = true;
                }
        }
        if (!(length[k] > 0) || depth + length[k] > plot.h - pad)
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

/* ---- heat maps ---- */

struct layout_rect layout_cell(const struct heat_map *h, struct layout_rect plot, size_t row,
                               size_t column)
{
    double w = plot.w / (double)h->columns, height = plot.h / (double)h->rows;
    return (struct layout_rect){plot.x + (double)column * w,
                                plot.y + plot.h - (double)(row + 1) * height, w, height};
}

bool layout_heat_scale(const struct heat_map *h, struct layout_scale *ret)
{
    struct layout_scale s = {HUGE_VAL, -HUGE_VAL, h->log};
    const double *v = h->shade ? h->shade : h->value;
    for (size_t i = 0; i < h->rows * h->columns; i++)
        if (isfinite(v[i]) && (!h->log || v[i] > 0))
            include(&s, v[i]);
    bool found = s.lo <= s.hi;
    if (h->range)
        s = (struct layout_scale){h->range[0], h->range[1], h->log};
    else if (found)
        widen(&s);
    else
        s = (struct layout_scale){h->log ? 1 : 0, h->log ? 10 : 1, h->log};
    *ret = s;
    return found;
}

/* ---- CSV ---- */

static void add_number(struct strbuf *to, double v)
{
    char text[40];
    if (!isfinite(v)) {
        strbuf_add(to, isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        double back = strtod(text, NULL);
        if (memcmp(&back, &v, sizeof v) == 0)
            break;
    }
    strbuf_add(to, text);
}

static void add_rows(struct strbuf *to, size_t panel, const char *name, const double *x,
                     const double *y, size_t n)
{
    struct strbuf head;
    strbuf_init(&head);
    strbuf_addf(&head, "%zu,", panel);
    csv_add_text(&head, name);
    for (size_t i = 0; i < n; i++) {
        strbuf_add_bytes(to, head.text, head.length);
        strbuf_add_char(to, ',');
        add_number(to, x[i]);
        strbuf_add_char(to, ',');
        add_number(to, y[i]);
        strbuf_add_char(to, '\n');
    }
    strbuf_fini(&head);
}

static void add_curve(struct strbuf *to, size_t panel, const struct curve *c, size_t number)
{
    struct strbuf name;
    strbuf_init(&name);
    if (c->label || c->name)
        strbuf_add(&name, c->label ? c->label : c->name);
    else
        strbuf_addf(&name, "%zu", number);
    if (c->of > c->n)
        strbuf_addf(&name, " (%zu of %zu points)", c->n, c->of);
    size_t length = name.length;
    add_rows(to, panel, name.text, c->x, c->y, c->n);
    if (c->low && c->high) {
        strbuf_add(&name, ", low");
        add_rows(to, panel, name.text, c->x, c->low, c->n);
        name.length = length;
        name.text[length] = '\0';
        strbuf_add(&name, ", high");
        add_rows(to, panel, name.text, c->x, c->high, c->n);
    }
    strbuf_fini(&name);
}

static void add_heat(struct strbuf *to, size_t panel, const struct heat_map *h)
{
    for (size_t row = 0; row < h->rows; row++)
        for (size_t column = 0; column < h->columns; column++) {
            double x = h->x ? h->x[column] : (double)(column + 1);
            add_rows(to, panel, h->row[row], &x, &h->value[row * h->columns + column], 1);
        }
}

static void add_contours(struct strbuf *to, size_t panel, const struct contours *c)
{
    struct strbuf name;
    strbuf_init(&name);
    for (size_t row = 0; row < c->rows; row++)
        for (size_t column = 0; column < c->columns; column++) {
            double x = c->x0 + (c->x1 - c->x0) * (double)column / (double)(c->columns - 1);
            double y = c->y0 + (c->y1 - c->y0) * (double)row / (double)(c->rows - 1);
            strbuf_clear(&name);
            strbuf_add_real(&name, y);
            add_rows(to, panel, name.text, &x, &c->value[row * c->columns + column], 1);
        }
    strbuf_fini(&name);
}

void layout_csv(const struct figure *f, struct strbuf *to)
{
    strbuf_add(to, "panel,curve,x,y\n");
    for (size_t p = 0; p < f->panels; p++) {
        if (f->panel[p].heat)
            add_heat(to, p + 1, f->panel[p].heat);
        if (f->panel[p].contours && f->panel[p].contours->embedded)
            add_contours(to, p + 1, f->panel[p].contours);
        for (size_t k = 0; k < f->panel[p].curves; k++)
            add_curve(to, p + 1, &f->panel[p].curve[k], k + 1);
    }
}
