/* The curves of a panel: bands, lines, symbols, notes. */
#include "figure/draw/panel.h"
#include <math.h>

enum {
    FEW_POINTS = 30,  /* up to this many of a curve, every point gets a symbol ... */
    MANY_POINTS = 300 /* ... if there are at most this many in the panel */
};

static const double thick = 3.4;

void curves_make_lines(struct panel *p)
{
    for (size_t k = 0; k < p->axes->curves; k++) {
        layout_line_fini(&p->line[k]);
        p->line[k] = layout_polyline(p->axes, &p->axes->curve[k], &p->x, &p->y, p->plot);
    }
}

/* layout_symbol's, so that curves differ in print without colour too: corners on a circle (0: a
 * disc), every other one so much nearer to the middle, the first at this angle in quarters of a
 * turn, and a radius for equal areas. */
static const struct {
    int corners;
    double inner, turn, radius;
} symbols[LAYOUT_SYMBOLS] = {{0, 1, 0, 1},        {4, 1, 0.5, 1.2}, {3, 1, -1, 1.35},
                             {4, 1, 0, 1.2},      {3, 1, 1, 1.35},  {8, 0.35, 0, 1.55},
                             {10, 0.42, -1, 1.55}};

static void trace_symbol(struct canvas *c, int style, double x, double y, double radius)
{
    int kind = layout_symbol(style);
    double r = symbols[kind].radius * radius, quarter = acos(0);
    cairo_new_path(c->cr);
    if (symbols[kind].corners == 0)
        cairo_arc(c->cr, x, y, r, 0, 4 * quarter);
    for (int i = 0; i < symbols[kind].corners; i++) {
        double angle = 4 * quarter * i / symbols[kind].corners + symbols[kind].turn * quarter,
               at = i % 2 ? r * symbols[kind].inner : r;
        cairo_line_to(c->cr, x + at * cos(angle), y + at * sin(angle));
    }
    cairo_close_path(c->cr);
}

static void draw_symbol(struct canvas *c, int style, double x, double y, double radius, bool open)
{
    trace_symbol(c, style, x, y, radius);
    if (open) {
        cairo_pattern_t *own = cairo_pattern_reference(cairo_get_source(c->cr));
        canvas_colour(c, PAPER, 1);
        cairo_fill_preserve(c->cr);
        cairo_set_source(c->cr, own);
        cairo_pattern_destroy(own);
        cairo_set_dash(c->cr, NULL, 0, 0);
        cairo_set_line_width(c->cr, 0.4 * radius);
        cairo_stroke(c->cr);
        return;
    }
    cairo_fill(c->cr);
}

/* Two strokes, heavier than a curve's. */
static void draw_cross(struct canvas *c, double x, double y, double radius)
{
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_set_line_width(c->cr, 0.6 * radius);
    canvas_stroke(c, x - radius, y - radius, x + radius, y + radius);
    canvas_stroke(c, x - radius, y + radius, x + radius, y - radius);
}

/* White with a dark edge, to be seen on any curve. */
static void draw_place(struct canvas *c, int symbol, double x, double y, double radius)
{
    double pi = acos(-1);
    cairo_new_path(c->cr);
    if (symbol == SYMBOL_RING)
        cairo_arc(c->cr, x, y, radius, 0, 2 * pi);
    for (int i = 0; symbol == SYMBOL_STAR && i < 10; i++) {
        double r = (i % 2 == 0 ? 1.7 : 0.7) * radius, angle = pi * (i / 5.0 - 0.5);
        cairo_line_to(c->cr, x + r * cos(angle), y + r * sin(angle));
    }
    cairo_close_path(c->cr);
    canvas_colour(c, PAPER, 1);
    cairo_fill_preserve(c->cr);
    canvas_colour(c, INK, 1);
    cairo_set_line_width(c->cr, 0.28 * radius);
    cairo_stroke(c->cr);
}

void curves_draw_symbol(struct canvas *c, const struct panel *p, size_t k, double x, double y,
                        double radius)
{
    const struct curve *curve = &p->axes->curve[k];
    if (curve->symbol == SYMBOL_CROSS)
        draw_cross(c, x, y, 1.25 * radius);
    else if (curve->symbol == SYMBOL_OF_STYLE || curve->symbol == SYMBOL_OPEN)
        draw_symbol(c, p->style[k], x, y, radius, curve->symbol == SYMBOL_OPEN);
    else
        draw_place(c, curve->symbol, x, y, 1.5 * radius);
}

/* Within the plot, its border included: symbols there are drawn whole. */
static bool is_inside(const struct panel *p, double x, double y)
{
    struct layout_rect r = p->plot;
    return x > r.x - 1 && x < r.x + r.w + 1 && y > r.y - 1 && y < r.y + r.h + 1;
}

static void draw_some_symbols(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    struct layout_rect r = p->plot;
    size_t last = curve->n > 0 ? curve->n - 1 : 0;
    for (size_t i = 0; i < curve->n;
         i = i < last && last - i < curve->every ? last : i + curve->every)
        if (!layout_is_gap(p->axes, curve, i)) {
            double x = layout_map(&p->x, curve->x[i], r.x, r.x + r.w),
                   y = layout_map(&p->y, curve->y[i], r.y + r.h, r.y);
            if (is_inside(p, x, y))
                draw_symbol(c, p->style[k], x, y, 5.5 * c->unit, false);
        }
}

/* Whether a curve's points may have symbols on its line. */
static bool takes_symbols(const struct curve *c)
{
    return !c->points && !c->faint && !c->steps && !c->bare && !c->guide && c->n <= FEW_POINTS;
}

bool curves_have_symbols(const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    if (curve->points || curve->every > 0)
        return true;
    if (!takes_symbols(curve))
        return false;
    size_t points = 0;
    for (size_t i = 0; i < p->axes->curves; i++)
        points += takes_symbols(&p->axes->curve[i]) ? p->axes->curve[i].n : 0;
    return points <= MANY_POINTS;
}

/* How much of a curve there is to draw: nothing, points between gaps, or a line. */
static int extent(const struct axes *a, const struct curve *c)
{
    bool any = false, before = false;
    for (size_t i = 0; i < c->n; i++) {
        bool here = !layout_is_gap(a, c, i);
        if (here && before)
            return 2;
        any |= here;
        before = here;
    }
    return any;
}

bool curves_are_empty(const struct panel *p, size_t k)
{
    return extent(p->axes, &p->axes->curve[k]) == 0;
}

bool curves_are_lone(const struct panel *p, size_t k)
{
    const struct axes *panel = p->together ? p->together : p->axes;
    size_t panels = p->together ? p->togethers : 1;
    int own = 0, all = 0;
    for (size_t i = 0; i < panels; i++)
        for (size_t j = 0; j < panel[i].curves; j++) {
            const struct curve *c = &panel[i].curve[j];
            bool same = p->together ? c->style == p->axes->curve[k].style : j == k;
            int here = c->points ? 0 : extent(&panel[i], c);
            all = here > all && !c->guide ? here : all;
            own = same && here > own ? here : own;
        }
    return own < 2 && (own == 1 || all == 1);
}

/* Long strokes first: they show the most of a curve that is not smooth. In widths of the line. */
static const struct {
    int parts;
    double length[6];
} dashes[LAYOUT_DASHES] = {{0, {0}},       {2, {6, 1.8}},  {4, {8, 1.6, 1.4, 1.6}},
                           {2, {3, 1.3}},  {2, {12, 2.2}}, {6, {8, 1.5, 1.3, 1.5, 1.3, 1.5}},
                           {2, {1.4, 1.2}}};

int curves_dash(const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    bool plain = curve->faint || (curve->steps && !curve->dashed) || curve->solid ||
                 (curve->bare && curve->n == 2); /* an interval is no curve */
    return curve->guide ? 1 : plain ? 0 : layout_dash(p->style[k], curves_have_symbols(p, k));
}

void curves_set_pen(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    int style = p->style[k], kind = curves_dash(p, k);
    double width = (curve->faint || curve->guide ? PANEL_THIN : thick) * c->unit, dash[6];
    for (int i = 0; i < dashes[kind].parts; i++)
        dash[i] = dashes[kind].length[i] * width;
    canvas_colour(c, curve->guide ? MARK : STYLE + (unsigned)style,
                  curve->faint ? (curve->points ? 0.5 : 0.4) : 1);
    cairo_set_line_width(c->cr, width);
    cairo_set_dash(c->cr, dash, dashes[kind].parts, 0);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_line_join(c->cr, curve->faint ? CAIRO_LINE_JOIN_BEVEL : CAIRO_LINE_JOIN_ROUND);
}

/* A band at one point alone: a bar as wide as the symbol and a half. */
static void add_bar(struct canvas *c, const struct layout_point *high,
                    const struct layout_point *low)
{
    double half = 8 * c->unit;
    cairo_rectangle(c->cr, high->x - half, high->y, 2 * half, low->y - high->y);
}

static void draw_band(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    struct layout_line band = layout_band(p->axes, curve, &p->x, &p->y, p->plot);
    canvas_colour(c, STYLE + (unsigned)p->style[k], 0.16);
    cairo_new_path(c->cr);
    for (size_t i = 0; i < band.n; i++) {
        if (band.point[i].move) {
            cairo_close_path(c->cr);
            if (i + 2 == band.n || (i + 2 < band.n && band.point[i + 2].move))
                add_bar(c, &band.point[i], &band.point[i + 1]);
            cairo_move_to(c->cr, band.point[i].x, band.point[i].y);
        } else {
            cairo_line_to(c->cr, band.point[i].x, band.point[i].y);
        }
    }
    cairo_close_path(c->cr);
    cairo_fill(c->cr);
    layout_line_fini(&band);
}

/* What is outside a chosen range is cut off. */
static void clip_to_ranges(struct canvas *c, const struct panel *p)
{
    /* Along an axis without a chosen range nothing is outside, but lines are thick. */
    double x = p->axes->x_range ? 0 : c->em, y = p->axes->y_range ? 0 : c->em;
    if (!p->axes->x_range && !p->axes->y_range)
        return;
    cairo_rectangle(c->cr, p->plot.x - x, p->plot.y - y, p->plot.w + 2 * x, p->plot.h + 2 * y);
    cairo_clip(c->cr);
}

/* How much a text there would hide of the curves, or stick out of the plot. */
static double note_cost(const struct panel *p, struct layout_rect box)
{
    double out = fmax(0, p->plot.y - box.y) + fmax(0, box.y + box.h - p->plot.y - p->plot.h),
           sum = 100 * out;
    for (size_t k = 0; k < p->axes->curves; k++)
        sum += layout_covered(&p->line[k], box);
    return sum;
}

/* Over its point, or below it where it hides less there; on paper that lets little through. */
static void draw_note(struct canvas *c, const struct panel *p, const char *note, double x, double y)
{
    struct layout_rect r = p->plot;
    double size = canvas_size(c, 0.62), width = canvas_width(c, note), away = 1.15 * size;
    double middle = fmin(fmax(x, r.x + width / 2), r.x + r.w - width / 2);
    struct layout_rect box = {middle - width / 2, y - away - size / 2, width, size}, below = box;
    below.y += 2 * away;
    if (note_cost(p, below) < note_cost(p, box))
        box = below;
    canvas_colour(c, PAPER, 0.8);
    cairo_rectangle(c->cr, box.x, box.y, box.w, box.h);
    cairo_fill(c->cr);
    canvas_colour(c, INK, 1);
    canvas_write(c, note, middle, box.y + size / 2, 0.5, 0);
}

/* The notes of a curve's points; where two would touch, only the first. */
static void draw_notes(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    struct layout_rect r = p->plot;
    double end = -HUGE_VAL;
    canvas_font(c, canvas_size(c, 0.62), false);
    for (size_t i = 0; i < curve->n && curve->note; i++) {
        if (!curve->note[i] || layout_is_gap(p->axes, curve, i))
            continue;
        const char *note = canvas_clean(c, curve->note[i]);
        double half = canvas_width(c, note) / 2, x = layout_map(&p->x, curve->x[i], r.x, r.x + r.w);
        double y = curve->edge ? layout_edge(curve->edge, r)
                               : layout_map(&p->y, curve->y[i], r.y + r.h, r.y);
        if (!is_inside(p, x, y) || x - half < end)
            continue;
        draw_note(c, p, note, x, y);
        end = x + half;
    }
}

static void draw_curve(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    const struct layout_line *line = &p->line[k];
    curves_set_pen(c, p, k);
    cairo_save(c->cr);
    clip_to_ranges(c, p);
    canvas_path(c, line);
    if (curve->points)
        cairo_new_path(c->cr);
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
    for (size_t i = 0; i < line->n; i++) {
        bool lone = line->point[i].move && (i + 1 == line->n || line->point[i + 1].move);
        if ((lone || (curves_have_symbols(p, k) && curve->every == 0)) &&
            is_inside(p, line->point[i].x, line->point[i].y))
            curves_draw_symbol(c, p, k, line->point[i].x, line->point[i].y,
                               (curve->points  ? 5
                                : curve->faint ? 1.2
                                               : 5.5) *
                                   c->unit);
    }
    if (curve->every > 0)
        draw_some_symbols(c, p, k);
    cairo_set_dash(c->cr, NULL, 0, 0);
}

void curves_draw(struct canvas *c, const struct panel *p)
{
    cairo_save(c->cr);
    clip_to_ranges(c, p);
    for (size_t k = 0; k < p->axes->curves; k++)
        if (p->axes->curve[k].low && p->axes->curve[k].high)
            draw_band(c, p, k);
    cairo_restore(c->cr);
    for (int faint = 1; faint >= 0; faint--)
        for (size_t k = 0; k < p->axes->curves; k++)
            if (p->axes->curve[k].faint == (faint == 1))
                draw_curve(c, p, k);
    for (size_t k = 0; k < p->axes->curves; k++)
        draw_notes(c, p, k);
}
